#include "apps/sallyport/commands/extra_codes_commands.h"

#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/print.h"

#include "edge/http/message.h"

#include <iostream>

namespace sallyport::cli {

namespace {

void add_own(CLI::App& group) {
    add_client_command(
        group,
        "ask",
        "Ask for new codes of your own; somebody else has to agree",
        [](CLI::App& command, Options& given) {
            add_member(command, given, "--reason", "reason", "Why you need them")->required();
        },
        [](ApiClient& client, Options& given) {
            const auto asked = client.expect("POST", "/api/self/extra-codes", &given.body);
            print_object(asked, given.as_json);
        }
    );
    add_client_command(
        group,
        "make",
        "Make those that were agreed to; they are shown this once, and the earlier ones end",
        [](CLI::App&, Options&) {},
        [](ApiClient& client, Options& given) {
            const auto made = client.expect("POST", "/api/self/recovery-codes");
            if (given.as_json) {
                print_object(made, true);
                return;
            }
            for (const auto& code : made.at("recovery_codes")) {
                std::cout << code.get<std::string>() << '\n';
            }
            std::cout << "Keep these apart from your phone; each works once.\n";
        }
    );
}

// Of somebody else: approve and refuse.
void add_decision(CLI::App& group, const std::string& verb, const std::string& description) {
    add_client_command(
        group,
        verb,
        description,
        [](CLI::App& command, Options& given) {
            command.add_option("name", given.name, "The login name")->required();
        },
        [verb](ApiClient& client, Options& given) {
            const auto path = "/api/extra-codes/" + http::percent_encoded(given.name) + "/" + verb;
            print_object(client.expect("POST", path), given.as_json);
        }
    );
}

}  // namespace

void add_extra_codes_commands(CLI::App& user) {
    auto* const group =
        user.add_subcommand("extra-codes", "New recovery codes, which take a second person");
    group->require_subcommand(1);
    add_own(*group);
    add_client_command(
        *group,
        "list",
        "Who waits for somebody to agree",
        [](CLI::App&, Options&) {},
        [](ApiClient& client, Options& given) {
            print_list(
                client.expect("GET", "/api/extra-codes").at("extra_codes"),
                {"login_name", "reason", "asked_at", "ends_at"},
                given.as_json
            );
        }
    );
    add_decision(*group, "approve", "Agree, having asked the person; you see none of the codes");
    add_decision(*group, "refuse", "Refuse; the earlier codes stay as they are");
}

}  // namespace sallyport::cli
