#include "apps/sallyport/api_client.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/commands/list_pages.h"
#include "apps/sallyport/print.h"

#include "edge/http/message.h"

#include <iostream>

namespace sallyport::cli {

namespace {

std::string path_of(const Options& given, std::string_view what) {
    return "/api/users/" + http::percent_encoded(given.name) + "/" + std::string(what);
}

void declare_name(CLI::App& command, Options& given) {
    command.add_option("name", given.name, "The login name")->required();
}

void show_ticket(const nlohmann::json& answer, const Options& given) {
    print_object(answer, given.as_json);
    if (!given.as_json) {
        std::cout << "Hand the ticket to the person alone; it works once. They enrol at /enrol or "
                     "with: sallyport login --enrol\n";
    }
}

// disable, enable, delete: the same shape with another verb.
void add_state_command(CLI::App& user, const std::string& verb, const std::string& description) {
    add_client_command(
        user,
        verb,
        description,
        [](CLI::App& command, Options& given) {
            declare_name(command, given);
            add_member(command, given, "--reason", "reason", "Why")->required();
        },
        [verb](ApiClient& client, Options& given) {
            print_object(client.expect("POST", path_of(given, verb), &given.body), given.as_json);
        }
    );
}

}  // namespace

void add_user_commands(CLI::App& app) {
    auto* const user = app.add_subcommand("user", "People and their accounts");
    user->require_subcommand(1);
    add_client_command(
        *user,
        "list",
        "Accounts, in the order in which they were made",
        [](CLI::App& command, Options& given) { add_page_options(command, given); },
        [](ApiClient& client, Options& given) {
            print_pages(
                client,
                given,
                "/api/users",
                "users",
                {"login_name", "display_name", "role", "scope", "state", "created_at"}
            );
        }
    );
    add_client_command(
        *user,
        "create",
        "A new account, with the ticket by which its person enrols alone",
        [](CLI::App& command, Options& given) {
            declare_name(command, given);
            add_member(command, given, "--role", "role", "The role, e.g. engineer")->required();
            add_member(command, given, "--display-name", "display_name", "The person's name")
                ->required();
        },
        [](ApiClient& client, Options& given) {
            given.body["login_name"] = given.name;
            show_ticket(client.expect("POST", "/api/users", &given.body), given);
        }
    );
    add_client_command(
        *user,
        "ticket",
        "A new enrolment ticket: for a pending account, or to reset lost factors",
        [](CLI::App& command, Options& given) {
            declare_name(command, given);
            command.add_flag_callback(
                "--reset",
                [&given] { given.body["kind"] = "reset"; },
                "The person lost a factor: what is bound stops working at once"
            );
        },
        [](ApiClient& client, Options& given) {
            show_ticket(client.expect("POST", path_of(given, "ticket"), &given.body), given);
        }
    );
    add_client_command(
        *user,
        "role",
        "Give an account another role; its sessions and visits end",
        [](CLI::App& command, Options& given) {
            declare_name(command, given);
            add_member(command, given, "--role", "role", "The new role")->required();
            add_member(command, given, "--reason", "reason", "Why")->required();
        },
        [](ApiClient& client, Options& given) {
            print_object(client.expect("POST", path_of(given, "role"), &given.body), given.as_json);
        }
    );
    add_state_command(*user, "disable", "Shut an account; its sessions and visits end within 5 s");
    add_state_command(*user, "enable", "Open a disabled or locked account again");
    add_state_command(*user, "delete", "Delete an account; its name and id are never used again");
}

}  // namespace sallyport::cli
