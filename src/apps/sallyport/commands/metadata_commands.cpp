#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/reason_option.h"
#include "apps/sallyport/metadata_import.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace sallyport::cli {

void add_metadata_commands(CLI::App& app, World world) {
    auto* const metadata = app.add_subcommand(
        "authenticator-metadata", "What FIDO says about models of security keys"
    );
    metadata->require_subcommand(1);
    const auto given = std::make_shared<MetadataImportCommand>();
    auto* const command = metadata->add_subcommand(
        "import", "Take in FIDO's signed list (metadata BLOB); the server may run"
    );
    command->add_option("file", given->source_file, "The list, as FIDO publishes it")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_option("--config,-c", given->config_file, "The configuration file")
        ->required()
        ->check(CLI::ExistingFile);
    command
        ->add_option(
            "--root",
            given->root_file,
            "PEM file of the root that the list is signed under; else authenticators.metadata_root"
        )
        ->check(CLI::ExistingFile);
    add_reason(*command, given->reason);
    command->add_flag("--json", given->as_json, "Print JSON instead of text");
    command->callback([given, world] { import_authenticator_metadata(*given, world); });
}

}  // namespace sallyport::cli
