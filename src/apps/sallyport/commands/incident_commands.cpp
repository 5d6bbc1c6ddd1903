#include "apps/sallyport/api_client.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/commands/list_pages.h"
#include "apps/sallyport/print.h"

#include "edge/http/message.h"

namespace sallyport::cli {

namespace {

void declare_id(CLI::App& command, Options& given) {
    command.add_option("id", given.name, "From: sallyport incident list")->required();
}

std::string path_of(const Options& given) {
    return "/api/incidents/" + http::percent_encoded(given.name);
}

void add_report(CLI::App& incident) {
    add_client_command(
        incident,
        "report",
        "Something is wrong with your own account: this wasn't you",
        [](CLI::App& command, Options& given) {
            add_member(command, given, "--said", "said", "What you noticed");
            command.add_flag_callback(
                "--end-sessions",
                [&given] { given.body["end_sessions"] = "yes"; },
                "End everything else that is signed in as you"
            );
        },
        [](ApiClient& client, Options& given) {
            print_object(client.expect("POST", "/api/self/incidents", &given.body), given.as_json);
        }
    );
}

}  // namespace

void add_incident_commands(CLI::App& app) {
    auto* const incident = app.add_subcommand("incident", "What people report: this wasn't me");
    incident->require_subcommand(1);
    add_report(*incident);
    add_client_command(
        *incident,
        "list",
        "Reports, newest first",
        [](CLI::App& command, Options& given) {
            command.add_flag_callback(
                "--open", [&given] { given.body["state"] = "open"; }, "Only those nobody closed"
            );
            add_page_options(command, given);
        },
        [](ApiClient& client, Options& given) {
            print_pages(
                client,
                given,
                "/api/incidents",
                "incidents",
                {"id", "login_name", "opened_at", "state", "said"}
            );
        }
    );
    add_client_command(
        *incident,
        "show",
        "One report, with what happened on the account before",
        declare_id,
        [](ApiClient& client, Options& given) {
            const auto shown = client.expect("GET", path_of(given));
            if (given.as_json) {
                print_object(shown, true);
                return;
            }
            print_list(shown.at("events"), {"at", "type", "by", "source", "outcome"}, false);
        }
    );
    add_client_command(
        *incident,
        "close",
        "Close somebody else's report; they are told the reason",
        [](CLI::App& command, Options& given) {
            declare_id(command, given);
            add_member(command, given, "--reason", "reason", "What came of it")->required();
        },
        [](ApiClient& client, Options& given) {
            const auto path = path_of(given) + "/close";
            print_object(client.expect("POST", path, &given.body), given.as_json);
        }
    );
}

}  // namespace sallyport::cli
