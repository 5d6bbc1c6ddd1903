#include "apps/sallyport/restore.h"

#include "apps/sallyport/data_folder.h"
#include "apps/sallyport/host_command.h"
#include "apps/sallyport/open_store.h"
#include "apps/sallyport/published_log.h"

#include "base/config/config.h"
#include "base/keys/sealed_file.h"
#include "base/store/backup.h"
#include "domain/audit/log.h"
#include "domain/session/session.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>
#include <utility>

namespace sallyport::cli {

namespace {

namespace fs = std::filesystem;

// ---- what both engines do ----------------------------------------------------------------------

// The database is as it was at some time before: is that the beginning of what was published, may
// it be, and then it is on record in it.
class Restoration {
public:
    Restoration(const config::Settings& settings, const RestoreOptions& options, const World& world)
        : settings_(settings), options_(options), world_(world), published_(settings) {}

    void accept(store::Database& database) {
        store::migrate(database);
        found_ = published_.require_in(database);
        lost_ = found_.known > found_.size ? found_.known - found_.size : 0;
        require_accepted();
        database.write([&](store::Tx& tx) { note(tx); });
    }

    // Of the published log, what the database does not hold would stand in its way.
    void put_lost_aside() const {
        if (lost_ > 0) published_.put_aside(world_.clock.now());
    }

    void tell(const std::string& where) const {
        std::cout << "Restored " << found_.size << " audit events and all that goes with them"
                  << where << ".\nNext: sallyport audit verify --config " << options_.config_file
                  << ", then start the server.\n"
                  << unproven_text();
        if (published_.anchored()) return;
        std::cout
            << "There is no anchor: that the backup itself is an old one can't be excluded.\n";
    }

private:
    void require_accepted() const {
        if (options_.accept_loss) return;
        if (published_.anchors_missing()) {
            throw CommandFailed(
                "there is no anchor in " + settings_.audit.anchor_dir +
                "; mount the folder that holds them, or say --accept-loss: then that this backup "
                "is an old one can't be excluded"
            );
        }
        if (lost_ == 0) return;
        throw CommandFailed(fmt::format(
            "the backup holds {} audit events, but {} were published: {} would be lost. Use a "
            "newer backup, or say --accept-loss; what was published is then kept aside\n{}",
            found_.size,
            found_.known,
            lost_,
            unproven_text()
        ));
    }

    // Empty if the backup was shown to be the beginning of all that was published.
    [[nodiscard]] std::string unproven_text() const {
        if (found_.unproven.empty()) return {};
        return fmt::format(
            "That the backup is the beginning of what {} ({} of them) was signed over can't be "
            "shown: the published tiles are gone or changed.\n",
            found_.unproven.front(),
            found_.unproven.size()
        );
    }

    void note(store::Tx& tx) const {
        const auto moment = moment_on_host(world_, settings_);
        const auto by = host_command(options_.reason);
        auto event = audit::event_by(by, "backup.restored", "restore", "database");
        const bool as_it_stands = options_.backup.empty();
        event.fields.push_back({"source", as_it_stands ? "postgresql" : options_.backup});
        event.fields.push_back({"events_lost", static_cast<std::int64_t>(lost_)});
        audit::append(tx, moment, event);
        session::end_everybody(
            tx, moment, session::EndCause::admin, audit::system_actor("operator")
        );
    }

    const config::Settings& settings_;
    const RestoreOptions& options_;
    const World& world_;
    PublishedLog published_;
    audit::RestoredLog found_;
    std::uint64_t lost_ = 0;
};

// ---- SQLite: from the sealed copy to the file --------------------------------------------------

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

// The database while it is not yet one that a server would take: beside its place, and gone if it
// never gets there.
class Beside {
public:
    explicit Beside(std::string target) : target_(std::move(target)) { remove(); }

    ~Beside() { remove(); }

    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;
    Beside(Beside&&) = delete;
    Beside& operator=(Beside&&) = delete;

    [[nodiscard]] std::string path() const { return target_ + ".restoring"; }

    void take_its_place() const {
        // What was written last may still be in its write-ahead log, which goes with it, and first.
        if (fs::exists(path() + "-wal")) fs::rename(path() + "-wal", target_ + "-wal");
        fs::rename(path(), target_);
        // The name outlives a power cut from here on.
        store::sync_path(fs::absolute(target_).parent_path());
    }

private:
    void remove() const {
        for (const auto* const tail : database_files) {
            std::error_code ignored;
            fs::remove(path() + tail, ignored);
        }
    }

    std::string target_;
};

void restore_sqlite(
    const config::Settings& settings, const RestoreOptions& options, const World& world
) {
    const auto& target = settings.store.path;
    require_free(target);
    const auto keys = keys::load_key_ring(settings.keys.master_key);
    const Beside beside(target);
    keys::unseal_file(
        keys, keys::Purpose::backup_key, options.backup + "/database.sealed", beside.path()
    );
    store::check_sqlite(beside.path());
    auto probe = settings;
    probe.store.path = beside.path();
    Restoration restoration(settings, options, world);
    restoration.accept(*open_store(probe));
    restoration.put_lost_aside();
    beside.take_its_place();
    restoration.tell(" into " + target);
}

// ---- PostgreSQL: its own tools have put it back ------------------------------------------------

void restore_postgres(
    const config::Settings& settings, const RestoreOptions& options, const World& world
) {
    Restoration restoration(settings, options, world);
    restoration.accept(*open_store(settings));
    restoration.put_lost_aside();
    restoration.tell("");
}

void require_right_source(config::StoreEngine engine, const std::string& backup) {
    const bool postgres = engine == config::StoreEngine::postgres;
    if (postgres && !backup.empty()) {
        throw CommandFailed(
            "on PostgreSQL restore takes no --from: put the database back with pg_restore or a "
            "base backup, then run this, which takes it into use as it stands"
        );
    }
    if (!postgres && backup.empty()) {
        throw CommandFailed("restore needs --from FOLDER, one that `sallyport backup` made");
    }
}

}  // namespace

void restore(const RestoreOptions& options, const World& world) {
    const auto settings = config::load_settings(options.config_file);
    if (!settings) throw CommandFailed(settings.error().detail);
    require_right_source(settings->store.engine, options.backup);
    const DataFolder held(settings->server.data_dir);
    if (settings->store.engine == config::StoreEngine::postgres) {
        restore_postgres(*settings, options, world);
    } else {
        restore_sqlite(*settings, options, world);
    }
}

}  // namespace sallyport::cli
