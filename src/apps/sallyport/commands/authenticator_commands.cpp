#include "apps/sallyport/api_client.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/print.h"

#include "edge/http/message.h"

namespace sallyport::cli {

namespace {

// rename, suspend, resume, revoke: the same shape with another verb.
void add_change(
    CLI::App& group, const std::string& verb, const std::string& description, bool with_label
) {
    add_client_command(
        group,
        verb,
        description,
        [with_label](CLI::App& command, Options& given) {
            command.add_option("id", given.name, "From: sallyport authenticator list")->required();
            if (with_label) {
                add_member(command, given, "--label", "label", "What you call it")->required();
            }
        },
        [verb](ApiClient& client, Options& given) {
            const auto path =
                "/api/self/authenticators/" + http::percent_encoded(given.name) + "/" + verb;
            print_object(client.expect("POST", path, &given.body), given.as_json);
        }
    );
}

}  // namespace

void add_authenticator_commands(CLI::App& app) {
    auto* const group = app.add_subcommand("authenticator", "What you yourself sign in with");
    group->require_subcommand(1);
    add_client_command(
        *group,
        "list",
        "Your authenticators, with their ids",
        [](CLI::App&, Options&) {},
        [](ApiClient& client, Options& given) {
            print_list(
                client.expect("GET", "/api/self/authenticators").at("authenticators"),
                {"id", "kind", "label", "state", "bound_at", "last_used_at", "expires_at"},
                given.as_json
            );
        }
    );
    add_change(*group, "rename", "Call one by another name", true);
    add_change(*group, "suspend", "Mislaid: it opens nothing until you resume it", false);
    add_change(*group, "resume", "Found again", false);
    add_change(*group, "revoke", "Lost or given up: for good", false);
}

}  // namespace sallyport::cli
