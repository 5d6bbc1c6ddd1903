#pragma once
// The shape that all commands which talk to the API share: an option block, then one call.

#include "apps/sallyport/api_client.h"
#include "apps/sallyport/command_table.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <string>

namespace sallyport::cli {

// What the options of one command fill in. Lives as long as the command.
struct Options {
    nlohmann::json body = nlohmann::json::object();
    std::string name;    // what the command is about: a person, a device, an id
    std::string id;      // which of theirs
    std::string output;  // a file to write
    std::string reason;
    bool as_json = false;
    bool yes = false;
    bool all = false;
};

using Action = std::function<void(ApiClient&, Options&)>;

// Adds `parent name`, whose callback opens the stored session and runs the action. `declare` adds
// its options.
inline void add_client_command(
    CLI::App& parent,
    const std::string& name,
    const std::string& description,
    const std::function<void(CLI::App&, Options&)>& declare,
    Action action
) {
    auto* const command = parent.add_subcommand(name, description);
    const auto options = std::make_shared<Options>();
    command->add_flag("--json", options->as_json, "Print JSON instead of text");
    declare(*command, *options);
    command->callback([options, action = std::move(action), name = command_name(*command)] {
        auto client = ApiClient::from_session_file(session_file_path(), *find_command(name));
        action(client, *options);
    });
}

// An option whose value goes into the request's body under `member`.
inline CLI::Option* add_member(
    CLI::App& command,
    Options& options,
    const std::string& flag,
    const std::string& member,
    const std::string& description
) {
    return command.add_option_function<std::string>(
        flag,
        [&options, member](const std::string& value) { options.body[member] = value; },
        description
    );
}

}  // namespace sallyport::cli
