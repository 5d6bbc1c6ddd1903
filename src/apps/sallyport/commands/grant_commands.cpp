#include "apps/sallyport/api_client.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/commands/list_pages.h"
#include "apps/sallyport/print.h"

#include "edge/http/message.h"

namespace sallyport::cli {

namespace {

void add_decision(CLI::App& grant, const std::string& verb, const std::string& description) {
    add_client_command(
        grant,
        verb,
        description,
        [](CLI::App& command, Options& given) {
            command.add_option("id", given.name, "The grant's id")->required();
            add_member(command, given, "--reason", "reason", "Why");
        },
        [verb](ApiClient& client, Options& given) {
            const auto path = "/api/grants/" + http::percent_encoded(given.name) + "/" + verb;
            print_object(client.expect("POST", path, &given.body), given.as_json);
        }
    );
}

}  // namespace

void add_grant_commands(CLI::App& app) {
    auto* const grant = app.add_subcommand("grant", "Access to devices: asked for, decided, ended");
    grant->require_subcommand(1);
    add_client_command(
        *grant,
        "list",
        "Grants that you may see, newest first",
        [](CLI::App& command, Options& given) {
            command.add_flag_callback(
                "--undecided",
                [&given] { given.body["state"] = "requested"; },
                "Only those that wait for a decision"
            );
            add_page_options(command, given);
        },
        [](ApiClient& client, Options& given) {
            print_pages(
                client,
                given,
                "/api/grants",
                "grants",
                {"id", "requester", "device", "change_ticket", "from", "until", "state"}
            );
        }
    );
    add_client_command(
        *grant,
        "request",
        "Ask for access to a device; another person decides",
        [](CLI::App& command, Options& given) {
            add_member(command, given, "--device", "device", "The device's name")->required();
            add_member(command, given, "--purpose", "purpose", "What you will do")->required();
            add_member(command, given, "--ticket", "change_ticket", "The change ticket")
                ->required();
            add_member(command, given, "--from", "from", "Start, as 2026-11-22T08:30:00Z")
                ->required();
            add_member(command, given, "--until", "until", "End, the same way")->required();
            add_member(
                command,
                given,
                "--capabilities",
                "capabilities",
                "Special capabilities, e.g. firmware"
            );
        },
        [](ApiClient& client, Options& given) {
            print_object(client.expect("POST", "/api/grants", &given.body), given.as_json);
        }
    );
    add_decision(*grant, "approve", "Approve another person's request");
    add_decision(*grant, "deny", "Deny another person's request");
    add_decision(*grant, "revoke", "End an approved grant; open visits end within 5 s");
}

}  // namespace sallyport::cli
