#include "apps/sallyport/api_client.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/commands/extra_codes_commands.h"
#include "apps/sallyport/commands/list_pages.h"
#include "apps/sallyport/commands/user_authenticator_commands.h"
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

// How the person's identity was checked; without it nobody is given a ticket.
void declare_proofing(CLI::App& command, Options& given, bool required) {
    auto* const method = add_member(
        command,
        given,
        "--identity",
        "proofing_method",
        "How their identity was checked: in_person, remote_supervised or employment_record"
    );
    auto* const evidence = add_member(
        command,
        given,
        "--evidence",
        "proofing_evidence",
        "What was shown: its kind, never its number"
    );
    add_member(command, given, "--verifier", "proofing_verifier", "Who looked at it, if not you");
    add_member(command, given, "--checked-on", "proofed_on", "When, e.g. 2026-11-22T08:00:00Z");
    method->needs(evidence);
    if (required) method->required();
}

void show_ticket(const nlohmann::json& answer, const Options& given) {
    print_object(answer, given.as_json);
    if (given.as_json) return;
    if (answer.value("next", "") == "proofing") {
        std::cout << "There is no ticket yet: record how the person's identity was checked with "
                     "sallyport user proof, then issue one with sallyport user ticket\n";
    } else {
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

// Whoever knows the passphrase as well is shut out; its holder sets another.
void add_compromised(CLI::App& user) {
    add_client_command(
        user,
        "compromised",
        "Their passphrase is known to others: sessions end, the next sign-in sets a new one",
        declare_name,
        [](ApiClient& client, Options& given) {
            print_object(client.expect("POST", path_of(given, "compromised")), given.as_json);
        }
    );
}

// How somebody is known, written to, and what they sign in with.
void add_identity_commands(CLI::App& user) {
    add_client_command(
        user,
        "mail",
        "Where a person is written to; without an address, nowhere any more",
        [](CLI::App& command, Options& given) {
            declare_name(command, given);
            given.body["mail_address"] = "";
            add_member(command, given, "--address", "mail_address", "Their mail address");
        },
        [](ApiClient& client, Options& given) {
            print_object(client.expect("POST", path_of(given, "mail"), &given.body), given.as_json);
        }
    );
    add_client_command(
        user,
        "proof",
        "Record how a person's identity was checked, before they are given a ticket",
        [](CLI::App& command, Options& given) {
            declare_name(command, given);
            declare_proofing(command, given, true);
        },
        [](ApiClient& client, Options& given) {
            const auto answer = client.expect("POST", path_of(given, "proofing"), &given.body);
            print_object(answer.at("identity"), given.as_json);
        }
    );
    add_client_command(
        user,
        "authenticators",
        "What a person signs in with: kinds, serials, times and states",
        [](CLI::App& command, Options& given) { declare_name(command, given); },
        [](ApiClient& client, Options& given) {
            const auto answer = client.expect("GET", path_of(given, "authenticators"));
            print_list(
                answer.at("authenticators"),
                {"id", "kind", "label", "state", "bound_at", "last_used_at", "expires_at"},
                given.as_json
            );
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
            declare_proofing(command, given, false);
        },
        [](ApiClient& client, Options& given) {
            given.body["login_name"] = given.name;
            show_ticket(client.expect("POST", "/api/users", &given.body), given);
        }
    );
    add_client_command(
        *user,
        "ticket",
        "A new enrolment ticket for an account that nobody enrolled yet; see also: recovery open",
        [](CLI::App& command, Options& given) { declare_name(command, given); },
        [](ApiClient& client, Options& given) {
            show_ticket(client.expect("POST", path_of(given, "ticket"), &given.body), given);
        }
    );
    add_compromised(*user);
    add_identity_commands(*user);
    add_user_authenticator_commands(*user);
    add_extra_codes_commands(*user);
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
