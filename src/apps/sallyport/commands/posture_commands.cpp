#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/host_options.h"
#include "apps/sallyport/posture_import.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace sallyport::cli {

void add_posture_commands(CLI::App& app, World world) {
    auto* const posture =
        app.add_subcommand("posture", "How well registered workstations are looked after");
    posture->require_subcommand(1);
    const auto given = std::make_shared<PostureImportCommand>();
    auto* const command = posture->add_subcommand(
        "import", "Take in what a device management (MDM) exported; the server may run"
    );
    command->add_option("file", given->source_file, "A JSON array of reports, or one a line")
        ->required()
        ->check(CLI::ExistingFile);
    add_config(*command, given->config_file);
    add_reason(*command, given->reason);
    command->add_flag("--json", given->as_json, "Print JSON instead of text");
    command->callback([given, world] { import_posture_file(*given, world); });
}

}  // namespace sallyport::cli
