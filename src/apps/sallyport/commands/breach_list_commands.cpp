#include "apps/sallyport/breach_list_import.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/host_options.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace sallyport::cli {

namespace {

struct ShowOptions {
    std::string config_file;
    bool as_json = false;
};

void add_import(CLI::App& list, World world) {
    const auto given = std::make_shared<BreachListImport>();
    auto* const command = list.add_subcommand(
        "import",
        "Make it from a downloaded Have-I-Been-Pwned list of SHA-1 hashes; the server may run"
    );
    command->add_option("file", given->source_file, "Lines HASH:COUNT, sorted by hash")
        ->required()
        ->check(CLI::ExistingFile);
    add_config(*command, given->config_file);
    command
        ->add_option(
            "--min-count", given->count_min, "Leave out what was seen less often than this"
        )
        ->capture_default_str()
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40U));
    add_reason(*command, given->reason);
    command->add_flag("--json", given->as_json, "Print JSON instead of text");
    command->callback([given, world] { import_breach_list(*given, world); });
}

void add_show(CLI::App& list) {
    const auto given = std::make_shared<ShowOptions>();
    auto* const command =
        list.add_subcommand("show", "Read it whole, verify it, and tell what it was made from");
    add_config(*command, given->config_file);
    command->add_flag("--json", given->as_json, "Print JSON instead of text");
    command->callback([given] { show_breach_list(given->config_file, given->as_json); });
}

}  // namespace

void add_breach_list_commands(CLI::App& app, World world) {
    auto* const list = app.add_subcommand(
        "breach-list", "Passphrases that became public in breaches; none of them is accepted"
    );
    list->require_subcommand(1);
    add_import(*list, world);
    add_show(*list);
}

}  // namespace sallyport::cli
