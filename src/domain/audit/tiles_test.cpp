#include "domain/audit/tiles.h"

#include "tests/support/checkout.h"
#include "tests/support/databases.h"

#include "base/core/fault.h"
#include "domain/audit/checkpoint.h"
#include "domain/audit/memory_files.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <filesystem>
#include <set>
#include <string>

namespace sallyport::audit {

namespace {

// The log that Tessera wrote: 15 entries, all its states published.
const auto& testlog() {
    static const auto files = view_log_folder(test::in_vectors("merkle/tessera-testlog"));
    return *files;
}

Bytes testlog_file(const std::string& path) {
    auto bytes = testlog().read(path);
    REQUIRE(bytes);
    return *std::move(bytes);
}

Bytes entry(std::uint64_t index) {
    const auto text = "entry " + std::to_string(index);
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

}  // namespace

TEST_CASE("paths are those of tlog-tiles") {
    CHECK(tile_path(0, 0, 256) == "tile/0/000");
    CHECK(tile_path(0, 273, 112) == "tile/0/273.p/112");
    CHECK(tile_path(1, 1234067, 256) == "tile/1/x001/x234/067");
    CHECK(entries_path(1234, 5) == "tile/entries/x001/234.p/5");
    CHECK(width_of(0, 0, 0) == 0);
    CHECK(width_of(0, 1, 300) == 44);
    CHECK(width_of(1, 0, 300) == 1);
    CHECK(width_of(0, 0, 300) == 256);
    CHECK(width_of(2, 0, 65'535) == 0);
    CHECK(width_of(2, 0, 65'536) == 1);
}

TEST_CASE("from its entries we write the same tiles and bundles as Tessera, at every size") {
    const auto bundle = testlog_file("tile/entries/000.p/15");
    const auto entries = parse_entries(bundle);
    REQUIRE(entries);
    REQUIRE(entries->size() == 15);
    TileWriter writer;
    for (std::uint64_t size = 1; size <= 15; ++size) {
        CAPTURE(size);
        writer.append((*entries)[size - 1]);
        const auto files = writer.take_files();
        REQUIRE(files.size() == 2);
        for (const auto& file : files) {
            CAPTURE(file.path);
            CHECK(file.content == testlog_file(file.path));
        }
        const auto note = testlog_file("checkpoint." + std::to_string(size));
        const auto checkpoint = parse_checkpoint(parse_note(as_text(note))->text);
        CHECK(writer.tree().root() == checkpoint->root);
    }
}

TEST_CASE("a log read back from its files goes on as if it had never stopped") {
    const bool holds = rc::check([] {
        const auto size = *rc::gen::inRange<std::uint64_t>(0, 1200);
        const auto more = *rc::gen::inRange<std::uint64_t>(1, 600);
        samples::MemoryFiles files;
        TileWriter straight;
        for (std::uint64_t i = 0; i < size; ++i) {
            straight.append(entry(i));
        }
        files.write(straight.take_files());

        auto resumed = TileWriter::resume(files, size);
        RC_ASSERT(resumed.has_value());
        RC_ASSERT(resumed->tree().root() == straight.tree().root());
        RC_ASSERT(root_of(size, tile_nodes(files, size)) == straight.tree().root());
        for (std::uint64_t i = 0; i < more; ++i) {
            straight.append(entry(size + i));
            resumed->append(entry(size + i));
        }
        const auto one = straight.take_files();
        const auto two = resumed->take_files();
        RC_ASSERT(one.size() == two.size());
        for (std::size_t i = 0; i < one.size(); ++i) {
            RC_ASSERT(one[i].path == two[i].path);
            RC_ASSERT(one[i].content == two[i].content);
        }
        RC_ASSERT(resumed->tree().root() == straight.tree().root());
    });
    CHECK(holds);
}

TEST_CASE("proofs made from tiles hold") {
    const test::TemporaryFolder folder;
    const auto files = open_log_folder(folder.file("log"));
    TileWriter writer;
    std::vector<Hash> roots{writer.tree().root()};
    for (std::uint64_t i = 0; i < 700; ++i) {
        writer.append(entry(i));
        roots.push_back(writer.tree().root());
    }
    files->write(writer.take_files());
    const auto nodes = tile_nodes(*files, 700);
    for (const std::uint64_t size : {1U, 2U, 255U, 256U, 257U, 512U, 699U}) {
        CAPTURE(size);
        const auto proof = consistency_proof(size, 700, nodes);
        CHECK(verify_consistency(size, 700, proof, roots[size], roots[700]));
        const auto inclusion = inclusion_proof(size, 700, nodes);
        CHECK(verify_inclusion(size, 700, leaf_hash(entry(size)), inclusion, roots[700]));
    }
}

TEST_CASE("a missing or damaged file at the right edge is named, not guessed") {
    const test::TemporaryFolder folder;
    const auto files = open_log_folder(folder.file("log"));
    TileWriter writer;
    for (std::uint64_t i = 0; i < 300; ++i) {
        writer.append(entry(i));
    }
    const auto written = writer.take_files();
    files->write(written);

    files->remove("tile/0/001.p/44");
    CHECK(TileWriter::resume(*files, 300).error().detail == "tile/0/001.p/44");
    files->write(written);
    const LogFile shorter{"tile/entries/001.p/44", entry(1)};
    files->write({&shorter, 1});
    CHECK(TileWriter::resume(*files, 300).error().detail == "tile/entries/001.p/44");
    CHECK_THROWS_AS(tile_nodes(*files, 400)(0, 399), Fault);
}

TEST_CASE("malformed bundles and tiles are refused") {
    CHECK_FALSE(parse_entries({}));
    CHECK_FALSE(parse_entries(from_hex("00").value()));
    CHECK_FALSE(parse_entries(from_hex("000361").value()));
    CHECK(parse_entries(from_hex("0000").value())->size() == 1);
    Bytes crowded;
    for (int i = 0; i < 257; ++i) {
        append_entry(crowded, {});
    }
    CHECK_FALSE(parse_entries(crowded));
    CHECK_THROWS_AS(append_entry(crowded, Bytes(0x10000)), Fault);
    CHECK_FALSE(parse_tile({}));
    CHECK_FALSE(parse_tile(Bytes(33)));
    CHECK_FALSE(parse_tile(Bytes(257 * 32)));
    CHECK(parse_tile(Bytes(64))->size() == 2);
}

TEST_CASE("a file is written whole: folders are made, nothing temporary stays, a view never writes"
) {
    const test::TemporaryFolder folder;
    const auto files = open_log_folder(folder.file("log"));
    const LogFile file{"a/b/c", entry(1)};
    files->write({&file, 1});
    files->write({&file, 1});

    CHECK(files->read("a/b/c") == entry(1));
    CHECK(files->names("a/b") == std::vector<std::string>{"c"});
    std::set<std::string> all;
    for (const auto& at : std::filesystem::recursive_directory_iterator(folder.path())) {
        all.insert(at.path().filename());
    }
    CHECK(all == std::set<std::string>{"log", "a", "b", "c"});
    CHECK_THROWS_AS(static_cast<void>(files->read("a/b")), Fault);
    CHECK_FALSE(files->read("nothing"));
    CHECK(files->names("nothing").empty());
    const auto view = view_log_folder(folder.file("log"));
    CHECK_THROWS_AS(view->write({&file, 1}), Fault);
    CHECK_THROWS_AS(view->remove("a/b/c"), Fault);
    CHECK(view->read("a/b/c") == entry(1));
}

}  // namespace sallyport::audit
