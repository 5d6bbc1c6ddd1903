#include "apps/sallyport/api_client.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/print.h"
#include "apps/sallyport/terminal.h"

#include "base/core/utf8.h"
#include "domain/policy/policy.h"
#include "domain/policy/policy_words.h"
#include "edge/http/message.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace sallyport::cli {

namespace {

void declare_version(CLI::App& command, Options& given) {
    command.add_option("version", given.name, "From: sallyport policy list")->required();
}

std::string path_of(const Options& given, std::string_view verb) {
    return fmt::format("/api/policy/proposals/{}/{}", http::percent_encoded(given.name), verb);
}

std::string text_in(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file) throw CommandFailed(path + " can't be read.");
    if (!is_utf8(text)) throw CommandFailed(path + " is not a text in UTF-8. Save it as one.");
    return text;
}

// "weaker" stands where the eye begins.
void print_changes(std::ostream& out, const nlohmann::json& version) {
    std::string about;
    for (const auto& change : version.value("changes", nlohmann::json::array())) {
        if (change.value("about", "") != about) {
            about = change.value("about", "");
            out << harmless(about) << '\n';
        }
        out << harmless(fmt::format(
                   "{:8}{}: {} -> {}",
                   change.value("weaker", false) ? "weaker" : "",
                   change.value("what", ""),
                   change.value("from", ""),
                   change.value("to", "")
               ))
            << '\n';
    }
    for (const auto& warning : version.value("warnings", nlohmann::json::array())) {
        out << harmless(fmt::format(
                   "Warning: {}: {}", warning.value("member", ""), warning.value("text", "")
               ))
            << '\n';
    }
}

void print_in_words(const policy::Policy& policy) {
    std::cout << fmt::format("Version {} is in force.\n", policy.version);
    if (!policy.role_count_rationale.empty()) {
        std::cout << fmt::format(
            "A scope has more than five roles. Why: {}\n", harmless(policy.role_count_rationale)
        );
    }
    if (policy.two_factors_for_all_from) {
        std::cout << fmt::format(
            "From {} on two factors are asked of everybody.\n",
            to_text(*policy.two_factors_for_all_from)
        );
    }
    for (const auto& role : policy.roles) {
        std::cout << fmt::format("\n{} (scope {})\n", harmless(role.name), harmless(role.scope));
        for (const auto& [label, text] : policy::role_words(role)) {
            std::cout << fmt::format("  {:<18} {}\n", label, harmless(text));
        }
    }
    std::cout << fmt::format(
        "\nSensitive actions, which ask again who one is when the last proof is older than {}\n",
        policy::duration_words(policy.step_up_age)
    );
    for (std::size_t i = 0; i < policy::permission_count; ++i) {
        if (!policy.step_up.test(i)) continue;
        std::cout << "  " << to_text(static_cast<policy::Permission>(i)) << '\n';
    }
    std::cout << "\nWhat else raises the demand\n";
    for (const auto& sentence : policy::context_words(policy.context)) {
        std::cout << "  " << harmless(sentence) << '\n';
    }
    for (const auto& rule : policy.context.rules) {
        std::cout << "  " << harmless(policy::rule_words(rule) + " " + rule.rationale) << '\n';
    }
}

void add_show(CLI::App& policy) {
    add_client_command(
        policy,
        "show",
        "The policy in force: each role with what it is for and must show; --json is what can be "
        "changed and proposed",
        [](CLI::App&, Options&) {},
        [](ApiClient& client, Options& given) {
            const auto answer = client.expect("GET", "/api/policy");
            const auto known = policy::parse_policy(answer.dump());
            if (!known && !given.as_json) {
                throw CommandFailed(fmt::format(
                    "The server's policy has what this program does not know ({}). Use the "
                    "server's version of sallyport, or --json.",
                    known.error().detail
                ));
            }
            if (!given.as_json) {
                print_in_words(*known);
            } else {
                // In the order that people write it in.
                std::cout << (known ? policy::to_json(*known) : answer.dump(2)) << '\n';
            }
        }
    );
}

void add_list(CLI::App& policy) {
    add_client_command(
        policy,
        "list",
        "The versions of the policy, newest first: who proposed them, and what became of them",
        [](CLI::App&, Options&) {},
        [](ApiClient& client, Options& given) {
            const auto answer = client.expect("GET", "/api/policy/versions");
            print_list(
                answer.at("versions"),
                {"version", "state", "proposer", "proposed_at", "decider", "rationale"},
                given.as_json
            );
        }
    );
}

void add_propose(CLI::App& policy) {
    add_client_command(
        policy,
        "propose",
        "Propose the policy in a file as the next version; another person approves it",
        [](CLI::App& command, Options& given) {
            command
                .add_option(
                    "file", given.name, "As sallyport policy show --json prints it, changed"
                )
                ->required()
                ->check(CLI::ExistingFile);
            add_member(command, given, "--reason", "rationale", "Why, in 10 to 500 bytes")
                ->required();
        },
        [](ApiClient& client, Options& given) {
            given.body["policy_text"] = text_in(given.name);
            const auto version = client.expect("POST", "/api/policy/proposals", &given.body);
            if (given.as_json) return print_object(version, true);
            print_changes(std::cout, version);
            std::cout << fmt::format(
                "Proposed as version {}. Another person approves it with: sallyport policy approve "
                "{}\n",
                version.value("version", 0),
                version.value("version", 0)
            );
        }
    );
}

// Shows what would change; whether whoever asked still wants it.
bool is_wanted(ApiClient& client, const Options& given) {
    const auto answer = client.expect("GET", "/api/policy/versions");
    for (const auto& version : answer.at("versions")) {
        const bool meant = std::to_string(version.value("version", 0)) == given.name;
        if (!meant) continue;
        if (version.value("state", "") != "proposed") return true;  // the server says why not
        auto& out = given.as_json ? std::cerr : std::cout;
        out << harmless(fmt::format(
                   "Version {}, proposed by {}: {}",
                   given.name,
                   version.value("proposer", "somebody"),
                   version.value("rationale", "")
               ))
            << '\n';
        print_changes(out, version);
        if (given.yes) return true;
        if (!is_terminal()) {
            throw CommandFailed(
                "Nothing was approved, because nobody could be asked. Read what changes, then "
                "repeat the command with --yes."
            );
        }
        return ask("Type yes to put it into force") == "yes";
    }
    throw CommandFailed(
        "No version of the policy is \"" + harmless(given.name) +
        "\"; sallyport policy list shows those that wait for a decision."
    );
}

void add_approve(CLI::App& policy) {
    add_client_command(
        policy,
        "approve",
        "Approve another's proposal and put it into force, after reading what it changes",
        [](CLI::App& command, Options& given) {
            declare_version(command, given);
            command.add_flag("--yes", given.yes, "Don't ask once more");
        },
        [](ApiClient& client, Options& given) {
            if (!is_wanted(client, given)) throw CommandFailed("Nothing was approved.");
            const auto version = client.expect("POST", path_of(given, "approve"));
            if (given.as_json) return print_object(version, true);
            std::cout << fmt::format("Version {} is in force.\n", version.value("version", 0));
        }
    );
}

void add_reject(CLI::App& policy) {
    add_client_command(
        policy,
        "reject",
        "Turn another's proposal down",
        declare_version,
        [](ApiClient& client, Options& given) {
            const auto version = client.expect("POST", path_of(given, "reject"));
            if (given.as_json) return print_object(version, true);
            std::cout << fmt::format("Version {} is rejected.\n", version.value("version", 0));
        }
    );
}

}  // namespace

void add_policy_commands(CLI::App& app) {
    auto* const policy = app.add_subcommand("policy", "Roles, timers and what they demand");
    policy->require_subcommand(1);
    add_show(*policy);
    add_list(*policy);
    add_propose(*policy);
    add_approve(*policy);
    add_reject(*policy);
}

}  // namespace sallyport::cli
