#include "apps/sallyport/restore.h"

#include "apps/sallyport/data_folder.h"
#include "apps/sallyport/open_store.h"

#include "base/config/config.h"
#include "base/keys/log_key.h"
#include "base/keys/sealed_file.h"
#include "base/store/backup.h"
#include "domain/audit/key_chain.h"
#include "domain/audit/log.h"
#include "domain/audit/log_files.h"
#include "domain/audit/restored_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

namespace sallyport::cli {

namespace {

namespace fs = std::filesystem;

// Every checkpoint that was signed for this log and lies in these folders (empty: not configured).
// One that was not signed by the log's key is no word at all.
std::vector<audit::PublishedCheckpoint> checkpoints_in(
    const std::string& folder, const audit::KeyChain& chain
) {
    if (folder.empty() || !fs::exists(folder)) return {};
    auto found = audit::published_checkpoints(*audit::view_log_folder(folder), folder, chain);
    if (found) return *std::move(found);
    throw CommandFailed(
        found.error().detail + " is not signed by this log's key; look at it first"
    );
}

audit::KeyChain key_chain(const config::Settings& settings, const audit::LogFiles& published) {
    const auto signer =
        audit::LogSigner::make(settings.audit.origin, keys::load_log_key(settings.keys.log_key));
    auto chain = audit::KeyChain::read(published, signer.key);
    if (!chain) throw CommandFailed("the log's keys are not linked: " + chain.error().detail);
    return *std::move(chain);
}

// A count would take another log of the same length for this one; the roots don't.
audit::RestoredLog require_this_log(
    store::Database& database,
    const std::vector<audit::PublishedCheckpoint>& known,
    const audit::LogFiles& published,
    std::uint64_t published_size
) {
    auto held = audit::check_restored_log(database, known, published, published_size);
    if (held) return *std::move(held);
    const auto& why = held.error();
    if (why.reason == "restored_log.fork") {
        throw CommandFailed(
            "the backup holds another log than the one that was published: " + why.detail +
            ". Use a backup of this log. If you know why there are two, keep that checkpoint as "
            "evidence elsewhere and restore without it"
        );
    }
    throw CommandFailed("the audit log in the backup is not whole: " + why.detail);
}

// Empty if the backup was shown to be the beginning of all that was published.
std::string unproven_text(const audit::RestoredLog& held) {
    if (held.unproven.empty()) return {};
    return fmt::format(
        "\nThat the backup is the beginning of what {} ({} of them) was signed over can't "
        "be shown: the published tiles are gone or changed.",
        held.unproven.front(),
        held.unproven.size()
    );
}

// What was published after the backup stays as evidence, under another name.
void put_aside(const std::string& folder, const std::string& suffix) {
    if (folder.empty() || !fs::exists(folder)) return;
    // Its children, not itself: it may be where another machine's disk is mounted.
    const auto aside = (fs::path(folder) / ("lost" + suffix)).string();
    fs::create_directory(aside);
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().filename().string().starts_with("lost.")) continue;
        fs::rename(entry.path(), fs::path(aside) / entry.path().filename());
    }
    std::cout << "Kept what it held as " << aside << ".\n";
}

// A write-ahead log that the old database left would be replayed onto the restored one.
constexpr std::array<const char*, 4> database_files{"", "-wal", "-shm", "-journal"};

void require_free(const std::string& target) {
    for (const auto* const tail : database_files) {
        if (!fs::exists(target + tail)) continue;
        throw CommandFailed(
            target + tail + " is there; move it away first, restore overwrites nothing"
        );
    }
}

void remove_database(const std::string& path) {
    for (const auto* const tail : database_files) {
        fs::remove(path + tail);
    }
}

// The name outlives a power cut from here on.
void sync_folder_of(const std::string& path) {
    const auto folder = fs::path(path).parent_path().string();
    const int file =
        open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = file >= 0 && fsync(file) == 0;
    if (file >= 0) close(file);
    if (!synced) throw CommandFailed(folder + " can't be synced; is the disk well?");
}

std::string suffix_of(Time now) {
    auto text = "." + to_text(now);
    std::ranges::replace(text, ':', '-');
    return text;
}

void note_restore(
    store::Database& database,
    const World& world,
    const config::Settings& settings,
    const RestoreOptions& options,
    std::uint64_t lost
) {
    const Moment moment{
        world.clock.now(),
        world.clock.monotonic(),
        ClockState::unsynchronised,
        world.random,
        settings.server.node
    };
    audit::Actor actor;
    actor.who.system = "restore";
    actor.where = {
        .source = "local", .channel = "system", .workstation = "unregistered", .zone = "unzoned"
    };
    auto event = audit::event_by(actor, "backup.restored", "restore", "database");
    event.fields.push_back({"source", options.backup});
    event.fields.push_back({"events_lost", static_cast<std::int64_t>(lost)});
    event.fields.push_back({"reason", options.reason});
    database.write([&](store::Tx& tx) { audit::append(tx, moment, event); });
}

}  // namespace

void restore(const RestoreOptions& options, const World& world) {
    const auto settings = config::load_settings(options.config_file);
    if (!settings) throw CommandFailed(settings.error().detail);
    const auto& target = settings->store.path;
    if (settings->store.engine != config::StoreEngine::sqlite) {
        throw CommandFailed(
            "restore is for SQLite; on PostgreSQL use pg_restore or its base backups"
        );
    }
    const DataFolder held(settings->server.data_dir);
    require_free(target);
    const auto keys = keys::load_key_ring(settings->keys.master_key);
    const auto beside = target + ".restoring";
    remove_database(beside);
    keys::unseal_file(keys, keys::Purpose::backup_key, options.backup + "/database.sealed", beside);
    store::check_sqlite(beside);

    const auto log_folder = settings->server.data_dir + "/log";
    const auto published = audit::view_log_folder(log_folder);
    const auto chain = key_chain(*settings, *published);
    auto known = checkpoints_in(settings->audit.anchor_dir, chain);
    const bool anchored = !known.empty();
    std::uint64_t published_size = 0;
    for (auto& own : checkpoints_in(log_folder, chain)) {
        published_size = std::max(published_size, own.checkpoint.size);
        known.push_back(std::move(own));
    }
    auto probe = *settings;
    probe.store.path = beside;
    audit::RestoredLog found;
    try {
        const auto database = open_store(probe);
        store::migrate(*database);
        found = require_this_log(*database, known, *published, published_size);
    } catch (...) {
        remove_database(beside);
        throw;
    }
    const auto lost = found.known > found.size ? found.known - found.size : 0;
    const bool accepted = options.accept_loss && !options.reason.empty();
    if (!settings->audit.anchor_dir.empty() && !anchored && !accepted) {
        remove_database(beside);
        throw CommandFailed(
            "there is no anchor in " + settings->audit.anchor_dir +
            "; mount the folder that holds them, or say --accept-loss --reason TEXT: then that "
            "this backup is an old one can't be excluded"
        );
    }
    if (lost > 0 && !accepted) {
        remove_database(beside);
        throw CommandFailed(fmt::format(
            "the backup holds {} audit events, but {} were published: {} would be lost. Use a "
            "newer backup, or say --accept-loss --reason TEXT; what was published is then kept "
            "aside{}",
            found.size,
            found.known,
            lost,
            unproven_text(found)
        ));
    }
    {
        const auto database = open_store(probe);
        note_restore(*database, world, *settings, options, lost);
    }
    if (lost > 0) {
        put_aside(log_folder, suffix_of(world.clock.now()));
        put_aside(settings->audit.anchor_dir, suffix_of(world.clock.now()));
    }
    // What was written last may still be in its write-ahead log, which goes with it, and first.
    if (fs::exists(beside + "-wal")) fs::rename(beside + "-wal", target + "-wal");
    fs::rename(beside, target);
    remove_database(beside);
    sync_folder_of(target);
    std::cout << "Restored " << found.size << " audit events and all that goes with them into "
              << target << ".\nNext: sallyport audit verify --config " << options.config_file
              << ", then start the server.\n";
    if (!found.unproven.empty()) std::cout << unproven_text(found).substr(1) << '\n';
    if (!anchored) {
        std::cout
            << "There is no anchor: that the backup itself is an old one can't be excluded.\n";
    }
}

}  // namespace sallyport::cli
