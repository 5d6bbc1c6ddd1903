#include "edge/api/backup_routes.h"

#include "base/core/fault.h"
#include "base/keys/sealed_file.h"
#include "base/store/backup.h"
#include "domain/audit/log.h"
#include "edge/api/answers.h"
#include "edge/http/await.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

// "2026-11-22T08-30-00.250Z": a folder's name that sorts by time.
std::string folder_name(Time now) {
    auto name = to_text(now);
    std::ranges::replace(name, ':', '-');
    return name;
}

struct Made {
    std::string folder;
    std::uint64_t bytes = 0;
};

// The copy stands in clear only between two of these steps, beside the database it was made from.
Made make_backup(const Services& services, Time now) {
    const fs::path folder = fs::path(services.backups_dir) / (folder_name(now) + ".unfinished");
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all);
    const auto copy = services.database_file + ".backup-copy";
    fs::remove(copy);  // of a server that was killed here
    const auto sealed = (folder / "database.sealed").string();
    store::copy_sqlite(services.database_file, copy);
    try {
        store::check_sqlite(copy);
        keys::seal_file(services.keys, keys::Purpose::backup_key, copy, sealed);
    } catch (...) {
        fs::remove(copy);
        fs::remove_all(folder);
        throw;
    }
    fs::remove(copy);

    nlohmann::json manifest{
        {"format", 1},
        {"made_at", to_text(now)},
        {"schema", store::schema_version()},
        {"key_version", services.keys.version()},
        {"database", "database.sealed"},
    };
    std::ifstream checkpoint(services.log_dir + "/checkpoint");
    if (checkpoint) {
        manifest["checkpoint"] = std::string(std::istreambuf_iterator<char>(checkpoint), {});
    }
    const auto manifest_file = (folder / "manifest.json").string();
    std::ofstream file(manifest_file);
    file << manifest.dump(1) << '\n' << std::flush;
    try {
        if (!file) throw Fault(manifest_file + ": could not be written");
        store::sync_path(manifest_file);
        store::sync_path(folder.string());
    } catch (...) {
        fs::remove_all(folder);
        throw;
    }
    return {folder.string(), fs::file_size(sealed)};
}

asio::awaitable<Result<Reply>> back_up(Services& services, http::WorkPool& pool, LongCall call) {
    if (services.database_file.empty()) {
        co_return refuse(Refusal::conflict, "backup.other_engine");
    }
    const auto moment = services.moments.now();
    auto work = [&] { return make_backup(services, moment.now); };
    const auto made = co_await http::run_on(pool, std::move(work));

    // On record first; only then is it a backup by its name.
    const auto final_name = fs::path(made.folder).replace_extension().string();
    auto event = audit::event_by(call.actor, "backup.made", "back_up", "database");
    event.fields.push_back({"destination", final_name});
    event.fields.push_back({"bytes", static_cast<std::int64_t>(made.bytes)});
    auto note = [&](store::Tx& tx) -> Result<void> {
        if (!session::find(tx, call.session->id)) {
            return refuse(Refusal::unauthenticated, "session.ended");
        }
        audit::append(tx, moment, event);
        return {};
    };
    const auto noted = co_await http::write(services.database, std::move(note));
    if (!noted) {
        fs::remove_all(made.folder);
        co_return std::unexpected(noted.error());
    }
    // Whoever is told that there is a backup finds it after a power cut, too.
    auto name_it = [&] {
        fs::rename(made.folder, final_name);
        store::sync_path(services.backups_dir);
    };
    co_await http::run_on(pool, std::move(name_it));
    co_return done({{"folder", final_name}, {"bytes", made.bytes}}, "/", 201);
}

}  // namespace

std::vector<Route> backup_routes(Services& services, http::WorkPool& slow_pool) {
    std::vector<Route> routes;
    routes.push_back(
        {.method = "POST",
         .path = "/api/backups",
         .access = Access::session,
         .permission = policy::Permission::backup_make,
         .step_up = StepUp::yes,
         .event = "backup.made",
         .kind = Kind::write,
         .long_handler = [&services, &slow_pool](LongCall call
                         ) { return back_up(services, slow_pool, std::move(call)); }}
    );
    return routes;
}

}  // namespace sallyport::api
