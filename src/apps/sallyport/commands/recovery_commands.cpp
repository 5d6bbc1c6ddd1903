#include "apps/sallyport/api_client.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/commands/host_options.h"
#include "apps/sallyport/commands/list_pages.h"
#include "apps/sallyport/print.h"
#include "apps/sallyport/recover_administrator.h"

#include "edge/http/message.h"

#include <iostream>
#include <memory>

namespace sallyport::cli {

namespace {

std::string path_of(const Options& given, std::string_view verb) {
    return "/api/recovery/" + http::percent_encoded(given.name) + "/" + std::string(verb);
}

void add_open(CLI::App& recovery) {
    add_client_command(
        recovery,
        "open",
        "Somebody can't sign in any more, and you made sure who is calling",
        [](CLI::App& command, Options& given) {
            add_member(command, given, "name", "login_name", "The login name")->required();
            command
                .add_option_function<std::vector<std::string>>(
                    "--checked",
                    [&given](const std::vector<std::string>& checks) {
                        given.body["checks"] = checks;
                    },
                    "called_back, card_in_person, card_on_video, manager_confirmed: all you did"
                )
                ->delimiter(',')
                ->required();
            add_member(command, given, "--note", "note", "E.g. the help desk's own number");
        },
        [](ApiClient& client, Options& given) {
            print_object(client.expect("POST", "/api/recovery", &given.body), given.as_json);
            if (given.as_json) return;
            std::cout << "Read the agent_code to the caller now. Another person approves the case "
                         "and gives them the second code.\n";
        }
    );
}

void add_decisions(CLI::App& recovery) {
    add_client_command(
        recovery,
        "approve",
        "Let another's case through; you read the code to the person yourself",
        [](CLI::App& command, Options& given) {
            command.add_option("id", given.name, "From: sallyport recovery list")->required();
        },
        [](ApiClient& client, Options& given) {
            print_object(client.expect("POST", path_of(given, "approve")), given.as_json);
            if (given.as_json) return;
            std::cout << "Call the person on the number on record and read them the ticket's code. "
                         "It works for 15 minutes, together with the agent's.\n";
        }
    );
    add_client_command(
        recovery,
        "refuse",
        "End a case and its ticket",
        [](CLI::App& command, Options& given) {
            command.add_option("id", given.name, "From: sallyport recovery list")->required();
            add_member(command, given, "--reason", "reason", "Why")->required();
        },
        [](ApiClient& client, Options& given) {
            const auto answer = client.expect("POST", path_of(given, "refuse"), &given.body);
            print_object(answer, given.as_json);
        }
    );
}

void add_admin(CLI::App& recovery, World world) {
    const auto given = std::make_shared<AdministratorRecovery>();
    auto* const command = recovery.add_subcommand(
        "admin",
        "On the server's host: an administrator lost everything; alarms, and waits for another's "
        "approval or 24 hours"
    );
    command->add_option("name", given->login_name, "The administrator's login name")->required();
    add_config(*command, given->config_file);
    add_reason(*command, given->reason);
    command->callback([given, world] { recover_administrator(*given, world); });
}

}  // namespace

void add_recovery_commands(CLI::App& app, World world) {
    auto* const recovery =
        app.add_subcommand("recovery", "Accounts whose holders can't sign in any more");
    recovery->require_subcommand(1);
    add_open(*recovery);
    add_client_command(
        *recovery,
        "list",
        "Cases, newest first",
        [](CLI::App& command, Options& given) {
            command.add_flag_callback(
                "--open",
                [&given] { given.body["state"] = "open"; },
                "Only those that wait for a decision"
            );
            add_page_options(command, given);
        },
        [](ApiClient& client, Options& given) {
            print_pages(
                client,
                given,
                "/api/recovery",
                "recoveries",
                {"id", "login_name", "opened_by", "opened_at", "state", "decided_by"}
            );
        }
    );
    add_decisions(*recovery);
    add_admin(*recovery, world);
}

}  // namespace sallyport::cli
