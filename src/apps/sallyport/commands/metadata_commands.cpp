#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/host_options.h"
#include "apps/sallyport/metadata_import.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace sallyport::cli {

namespace {

void add_import(CLI::App& metadata, World world) {
    const auto given = std::make_shared<MetadataImportCommand>();
    auto* const command = metadata.add_subcommand(
        "import", "Take in FIDO's signed list (metadata BLOB); the server may run"
    );
    command->add_option("file", given->source_file, "The list, as FIDO publishes it")
        ->required()
        ->check(CLI::ExistingFile);
    add_config(*command, given->config_file);
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

void add_show(CLI::App& metadata, World world) {
    const auto given = std::make_shared<MetadataShowCommand>();
    auto* const command =
        metadata.add_subcommand("show", "The list in force, or what it says about one model");
    command->add_option("model", given->model, "AAGUID of a model, as `user authenticators` shows");
    add_config(*command, given->config_file);
    command->add_flag("--json", given->as_json, "Print JSON instead of text");
    command->callback([given, world] { show_authenticator_metadata(*given, world); });
}

}  // namespace

void add_metadata_commands(CLI::App& app, World world) {
    auto* const metadata = app.add_subcommand(
        "authenticator-metadata", "What FIDO says about models of security keys"
    );
    metadata->require_subcommand(1);
    add_import(*metadata, world);
    add_show(*metadata, world);
}

}  // namespace sallyport::cli
