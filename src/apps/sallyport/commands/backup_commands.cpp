#include "apps/sallyport/api_client.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/commands/host_options.h"
#include "apps/sallyport/print.h"
#include "apps/sallyport/restore.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace sallyport::cli {

void add_backup_commands(CLI::App& app, World world) {
    add_client_command(
        app,
        "backup",
        "Have the server make a sealed backup; the keys are not in it",
        [](CLI::App&, Options&) {},
        [](ApiClient& client, Options& given) {
            print_object(client.expect("POST", "/api/backups"), given.as_json);
        }
    );
    const auto options = std::make_shared<RestoreOptions>();
    auto* const command = app.add_subcommand(
        "restore",
        "On a stopped server: put a backup back, or take a restored PostgreSQL database into use; "
        "held against the anchors"
    );
    add_config(*command, options->config_file);
    command
        ->add_option("--from", options->backup, "The backup's folder; on PostgreSQL there is none")
        ->check(CLI::ExistingDirectory);
    command->add_flag(
        "--accept-loss",
        options->accept_loss,
        "Events that were published after the backup are lost"
    );
    add_reason(*command, options->reason);
    command->callback([options, world] { restore(*options, world); });
}

}  // namespace sallyport::cli
