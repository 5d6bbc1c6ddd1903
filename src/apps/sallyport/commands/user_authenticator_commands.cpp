#include "apps/sallyport/commands/user_authenticator_commands.h"

#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/print.h"

#include "edge/http/message.h"

#include <string>

namespace sallyport::cli {

namespace {

constexpr std::string_view never = "never";

void declare_whose(CLI::App& command, Options& given) {
    command.add_option("name", given.name, "The login name")->required();
    command.add_option("id", given.id, "From: sallyport user authenticators NAME")->required();
}

void change(ApiClient& client, const Options& given, std::string_view what) {
    const auto path = "/api/users/" + http::percent_encoded(given.name) + "/authenticators/" +
                      http::percent_encoded(given.id) + "/" + std::string(what);
    print_object(client.expect("POST", path, &given.body), given.as_json);
}

// suspend, resume: the same shape with another verb.
void add_verb(CLI::App& group, const std::string& verb, const std::string& description) {
    add_client_command(
        group,
        verb,
        description,
        declare_whose,
        [verb](ApiClient& client, Options& given) { change(client, given, verb); }
    );
}

}  // namespace

void add_user_authenticator_commands(CLI::App& user) {
    auto* const group =
        user.add_subcommand("authenticator", "What somebody else signs in with, one at a time");
    group->require_subcommand(1);
    add_verb(
        *group,
        "suspend",
        "Mislaid: their sessions end, and it opens nothing until an administrator resumes it"
    );
    add_verb(*group, "resume", "Found again: lifts what an administrator suspended");
    add_client_command(
        *group,
        "revoke",
        "Lost or misused: for good; their sessions end",
        [](CLI::App& command, Options& given) {
            declare_whose(command, given);
            add_member(
                command, given, "--cause", "cause", "lost, compromised, replaced or admin (usual)"
            );
        },
        [](ApiClient& client, Options& given) { change(client, given, "revoke"); }
    );
    add_client_command(
        *group,
        "expire",
        "When it stops working; they are told 30, 7 and 1 days before",
        [](CLI::App& command, Options& given) {
            declare_whose(command, given);
            add_member(command, given, "--at", "expires_at", "2027-01-31T17:00:00Z, or never")
                ->required();
        },
        [](ApiClient& client, Options& given) {
            if (given.body["expires_at"] == never) given.body["expires_at"] = "";
            change(client, given, "expiry");
        }
    );
}

}  // namespace sallyport::cli
