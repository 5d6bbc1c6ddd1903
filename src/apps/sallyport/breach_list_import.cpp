#include "apps/sallyport/breach_list_import.h"

#include "apps/sallyport/breach_list_file.h"
#include "apps/sallyport/host_command.h"
#include "apps/sallyport/import_progress.h"
#include "apps/sallyport/open_store.h"
#include "apps/sallyport/print.h"

#include "base/config/config.h"
#include "base/core/private_file.h"
#include "base/core/system_error_text.h"
#include "domain/audit/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <utility>

namespace sallyport::cli {

namespace {

namespace fs = std::filesystem;

// The new file, until it is in its place: removed if it never gets there.
class FileBeside {
public:
    FileBeside(recording::Disk& disk, std::string path)
        : disk_(disk), path_(std::move(path)), beside_(path_ + ".new") {
        // A killed import leaves one.
        disk_.remove(beside_);
        file_ = disk_.open(beside_, recording::OpenMode::write);
    }

    ~FileBeside() {
        if (placed_) return;
        try {
            disk_.remove(beside_);
        } catch (const recording::DiskFault&) {
            // What led here is being told already; the next import removes it.
            return;
        }
    }

    FileBeside(const FileBeside&) = delete;
    FileBeside& operator=(const FileBeside&) = delete;
    FileBeside(FileBeside&&) = delete;
    FileBeside& operator=(FileBeside&&) = delete;

    [[nodiscard]] recording::File& file() { return *file_; }

    [[nodiscard]] const std::string& path() const { return beside_; }

    // More than once is as good: a database may run a transaction again.
    void put_in_place() {
        if (placed_) return;
        disk_.rename(beside_, path_);
        placed_ = true;
        disk_.sync_folder(fs::path(path_).parent_path().string());
    }

private:
    recording::Disk& disk_;
    std::string path_;
    std::string beside_;
    std::unique_ptr<recording::File> file_;
    bool placed_ = false;
};

// One import at a time: two would write into the same new file.
FileDescriptor only_import(const std::string& path) {
    const auto file = path + ".lock";
    constexpr mode_t private_mode = 0600;
    FileDescriptor lock(
        ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, private_mode)
    );
    if (!lock.is_open()) {
        throw CommandFailed(fmt::format("{}: {}", file, system_error_text(errno)));
    }
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        throw CommandFailed("another import is under way; wait for its end, or stop it");
    }
    return lock;
}

config::Settings settings_of(const std::string& config_file) {
    auto settings = config::load_settings(config_file);
    if (!settings) throw CommandFailed(settings.error().detail);
    return *std::move(settings);
}

audit::Event event_of(const audit::HostCommand& by, const authn::BreachListFacts& facts) {
    auto event = audit::event_by(by, "breach_list.imported", "import", "breach-list");
    event.fields.push_back({"source", facts.source});
    event.fields.push_back({"entries", static_cast<std::int64_t>(facts.entries)});
    event.fields.push_back({"count_min", static_cast<std::int64_t>(facts.count_min)});
    event.fields.push_back({"digest", to_hex(facts.table_digest)});
    return event;
}

void print_facts(const authn::BreachList& list, const std::string& path, bool as_json) {
    const auto& facts = list.facts();
    const nlohmann::json shown{
        {"file", path},
        {"size", list.size()},
        {"entries", facts.entries},
        {"shards", facts.shards()},
        {"source", facts.source},
        {"count_min", facts.count_min},
        {"made_at", to_text(facts.made_at)},
        {"digest", to_hex(facts.table_digest)},
    };
    print_object(shown, as_json);
}

}  // namespace

authn::BreachListFacts replace_breach_list(
    recording::Disk& disk,
    const std::string& path,
    const authn::BreachSource& source,
    Time now,
    const authn::GoOn& go_on,
    const RecordImport& record
) {
    FileBeside beside(disk, path);
    const auto write = [&](std::uint64_t offset, BytesView bytes) {
        beside.file().write_at(offset, bytes);
    };
    const auto built = authn::build_breach_list(source, now, write, go_on);
    if (!built) {
        if (built.error().reason == "breach_list.stopped") {
            throw CommandFailed("stopped; the breach list in force is what it was");
        }
        throw CommandFailed(fmt::format(
            "{} was not imported: {}; the breach list in force is what it was",
            source.name,
            built.error().detail
        ));
    }
    beside.file().sync();
    // What the disk gives back is what will be asked.
    (void)open_breach_list(disk, beside.path());
    record(*built, [&] { beside.put_in_place(); });
    return *built;
}

void import_breach_list(const BreachListImport& given, const World& world) {
    const auto settings = settings_of(given.config_file);
    const auto& path = settings.passphrase.breach_list;
    const auto name = fs::path(given.source_file).filename().string();
    if (name.size() > authn::breach_source_size_max) throw CommandFailed("that name is too long");
    std::ifstream text(given.source_file, std::ios::binary);
    if (!text) throw CommandFailed(given.source_file + " can't be read");
    const authn::BreachSource source{
        .text = text,
        .size = fs::file_size(given.source_file),
        .name = name,
        .count_min = given.count_min,
    };
    const auto lock = only_import(path);
    // Before an hour's work is done for nothing.
    const auto database = open_store(settings);
    database->read([](store::Tx& tx) { return audit::list(tx, {.count_max = 1}); });
    const auto by = host_command(given.reason);
    const auto record = [&](const authn::BreachListFacts& facts,
                            const std::function<void()>& replace) {
        const auto moment = moment_on_host(world, settings);
        database->write([&](store::Tx& tx) {
            audit::append(tx, moment, event_of(by, facts));
            replace();
        });
    };
    ImportProgress progress(source.size, world.clock);
    recording::PosixDisk disk;
    replace_breach_list(
        disk,
        path,
        source,
        world.clock.now(),
        [&](const authn::BreachProgress& so_far) { return progress.go_on(so_far); },
        record
    );
    progress.end();
    print_facts(*open_breach_list(disk, path), path, given.as_json);
    std::cerr << "Next: have the server take it in: systemctl reload sallyport (SIGHUP)\n";
}

void show_breach_list(const std::string& config_file, bool as_json) {
    const auto settings = settings_of(config_file);
    recording::PosixDisk disk;
    const auto& path = settings.passphrase.breach_list;
    print_facts(*open_breach_list(disk, path), path, as_json);
}

}  // namespace sallyport::cli
