#include "apps/sallyport/posture_import.h"

#include "apps/sallyport/host_command.h"
#include "apps/sallyport/open_store.h"
#include "apps/sallyport/print.h"

#include "base/config/config.h"
#include "base/core/bytes.h"
#include "domain/policy/workstation_posture.h"
#include "domain/recording/disk.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sallyport::cli {

void import_posture_file(const PostureImportCommand& given, const World& world) {
    const auto settings = config::load_settings(given.config_file);
    if (!settings) throw CommandFailed(settings.error().detail);
    recording::PosixDisk disk;
    const auto text =
        recording::read_file(disk, given.source_file, policy::posture_reports_size_max);
    const auto moment = moment_on_host(world, *settings);
    const auto reports = policy::parse_posture_reports(as_text(text), moment.now);
    if (!reports) {
        throw CommandFailed(fmt::format(
            "{}: {} ({}); nothing was taken",
            given.source_file,
            reports.error().detail,
            reports.error().reason
        ));
    }
    const auto by = host_command(given.reason);
    const auto database = open_store(*settings);
    const auto import = database->write([&](store::Tx& tx) {
        return policy::import_posture(tx, moment, *reports, by);
    });
    print_object(
        {{"taken", import.taken}, {"outdated", import.outdated}, {"unknown", import.unknown}},
        given.as_json
    );
}

}  // namespace sallyport::cli
