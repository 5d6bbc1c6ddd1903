#include "apps/sallyport/breach_list_import.h"

#include "apps/sallyport/breach_list_file.h"
#include "tests/support/memory_disk.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace sallyport::cli {

namespace {

using test::MemoryDisk;

const std::string folder = "/data";
const std::string path = folder + "/breach-list";

std::string download(std::uint64_t first, std::uint64_t count) {
    std::string text;
    for (auto key = first; key < first + count; ++key) {
        text += fmt::format("{:016X}{:024X}:1\n", key << 32U, 0);
    }
    return text;
}

void record_nothing(const authn::BreachListFacts&, const std::function<void()>& replace) {
    replace();
}

authn::BreachListFacts import(
    MemoryDisk& disk,
    const std::string& text,
    const RecordImport& record = record_nothing,
    bool go_on = true
) {
    std::istringstream stream(text);
    const authn::BreachSource source{
        .text = stream, .size = text.size(), .name = "pwned.txt", .count_min = 1
    };
    return replace_breach_list(
        disk,
        path,
        source,
        from_micros(1),
        [&](const authn::BreachProgress&) { return go_on; },
        record
    );
}

struct House {
    MemoryDisk disk;

    House() {
        disk.make_folder(folder);
        import(disk, download(1, 100));
        disk.sync_folder(folder);
    }

    [[nodiscard]] std::uint64_t entries() { return open_breach_list(disk, path)->facts().entries; }

    [[nodiscard]] std::string fault_of(const auto& work) {
        try {
            work();
        } catch (const std::exception& fault) {
            return fault.what();
        }
        return "none";
    }
};

TEST_CASE("an import replaces the list and leaves nothing beside it") {
    House house;
    CHECK(house.entries() == 100);
    const auto facts = import(house.disk, download(1, 300));
    CHECK(facts.entries == 300);
    CHECK(house.entries() == 300);
    CHECK(house.disk.list(folder) == std::vector<std::string>{"breach-list"});
}

TEST_CASE("an import that is stopped, or meets a line without sense, leaves the old list") {
    House house;
    CHECK(house.fault_of([&] {
        import(house.disk, download(1, 300), record_nothing, false);
    }) == "stopped; the breach list in force is what it was");
    CHECK(house.fault_of([&] { import(house.disk, download(1, 300) + "x\n"); }
    ).starts_with("pwned.txt was not imported: line 301: must be the 40"));
    CHECK(house.entries() == 100);
    CHECK(house.disk.list(folder) == std::vector<std::string>{"breach-list"});
}

TEST_CASE("a list that can't be put on record is not put in force") {
    House house;
    const RecordImport broken = [](const authn::BreachListFacts& facts, const auto&) {
        CHECK(facts.entries == 300);
        throw Fault("the database is gone");
    };
    CHECK(house.fault_of([&] {
        import(house.disk, download(1, 300), broken);
    }) == "the database is gone");
    CHECK(house.entries() == 100);
    CHECK(house.disk.list(folder) == std::vector<std::string>{"breach-list"});
}

TEST_CASE("a transaction that is run again puts the list in force once") {
    House house;
    import(house.disk, download(1, 300), [](const auto&, const auto& replace) {
        replace();
        replace();
    });
    CHECK(house.entries() == 300);
}

TEST_CASE("wherever the power goes during an import, the old list is there or the new one, whole") {
    std::uint64_t operations = 0;
    {
        House house;
        const auto before = house.disk.operations();
        import(house.disk, download(1, 300));
        operations = house.disk.operations() - before;
    }
    REQUIRE(operations >= 6);
    bool old_seen = false;
    for (std::uint64_t cut = 0; cut < operations; ++cut) {
        CAPTURE(cut);
        House house;
        house.disk.cut_power_after(cut);
        CHECK(house.fault_of([&] { import(house.disk, download(1, 300)); }) != "none");
        house.disk.restart();
        const auto entries = house.entries();
        CHECK((entries == 100 || entries == 300));
        old_seen = old_seen || entries == 100;
        // What was left beside it is in nobody's way.
        import(house.disk, download(1, 200));
        CHECK(house.entries() == 200);
    }
    CHECK(old_seen);
}

TEST_CASE("on a full disk the old list stays") {
    House house;
    house.disk.set_capacity(house.disk.bytes_of(path).size() + 100);
    CHECK(house.fault_of([&] { import(house.disk, download(1, 300)); }) == "the disk is full");
    CHECK(house.entries() == 100);
    CHECK(house.disk.list(folder) == std::vector<std::string>{"breach-list"});
}

TEST_CASE("a list that is damaged, cut off or absent is refused by name, with the remedy") {
    House house;
    const auto opened = [&] { (void)open_breach_list(house.disk, path); };
    const auto whole = house.disk.bytes_of(path);
    house.disk.bytes_of(path).back() ^= std::byte{1};
    CHECK(
        house.fault_of(opened) ==
        "breach list /data/breach-list can't be used: shard 0 was changed; import it again with "
        "`sallyport breach-list import`, or take the file away"
    );
    house.disk.bytes_of(path).resize(whole.size() - 1);
    CHECK(house.fault_of(opened).contains(" bytes in place of "));
    house.disk.bytes_of(path) = whole;
    CHECK(house.fault_of(opened) == "none");
    house.disk.remove(path);
    CHECK(house.fault_of(opened).contains("make a breach list with `sallyport breach-list import`")
    );
}

TEST_CASE("the default list need not be there, a named one must") {
    MemoryDisk disk;
    disk.make_folder(folder);
    config::PassphraseSettings settings;
    settings.breach_list = path;
    CHECK(configured_breach_list(disk, settings) == nullptr);
    settings.breach_list_is_named = true;
    CHECK_THROWS_AS((void)configured_breach_list(disk, settings), CommandFailed);
    import(disk, download(1, 3));
    CHECK(configured_breach_list(disk, settings)->facts().entries == 3);
}

TEST_CASE("the words of the house are those configured and those of its host names") {
    config::Settings settings;
    settings.passphrase.context_words = {"Sankt Marien"};
    settings.server.sign_in_host = "door.marienhospital.example.org";
    settings.server.device_suffix = "vnc.example.net";
    CHECK(
        context_words(settings) ==
        std::vector<std::string>{"Sankt Marien", "door", "marienhospital", "example"}
    );
}

}  // namespace

}  // namespace sallyport::cli
