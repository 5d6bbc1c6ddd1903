#include "apps/sallyport/command_table.h"

#include "base/core/fault.h"
#include "domain/audit/catalogue.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace sallyport::cli {

namespace {

// Whoever may run these can read the server's files as they are: there is nobody to ask.
constexpr std::string_view host_alone = "runs on the server's host, on its own files";

constexpr auto entries = std::to_array<CommandEntry>({
    {"init", "", "makes a new folder; there is no log yet", "-"},
    {"serve", "", host_alone, "sys.start"},
    {"config check", "", "reads the configuration file, changes nothing", "-"},
    {"version", "", "says what this binary is", "-"},
    {"restore", "", host_alone, "backup.restored"},
    {"clock accept", "", host_alone, "time.skew"},
    {"audit rotate-key", "", host_alone, "key.rotated"},
    {"breach-list import", "", host_alone, "breach_list.imported"},
    {"breach-list show", "", "reads the list's file, changes nothing", "-"},
    {"posture import", "", host_alone, "workstation.posture_reported"},
    {"authenticator-metadata import", "", host_alone, "authenticator_metadata.imported"},
    {"authenticator-metadata show", "", "reads the list in force, changes nothing", "-"},
    {"audit verify", "", "reads published files, offline, changes nothing", "-"},

    {"login",
     "GET /health/live, POST /api/sign-in, POST /api/sign-in/code, POST /api/cli-session, "
     "POST /api/setup, POST /api/enrolment, "
     "POST /api/enrolment/passphrase, POST /api/enrolment/totp",
     "",
     ""},
    {"logout", "POST /api/session/end", "", ""},
    {"whoami", "GET /api/session", "", ""},

    {"user list", "GET /api/users", "", ""},
    {"user create", "POST /api/users", "", ""},
    {"user ticket", "POST /api/users/{name}/ticket", "", ""},
    {"user proof", "POST /api/users/{name}/proofing", "", ""},
    {"user mail", "POST /api/users/{name}/mail", "", ""},
    {"user authenticators", "GET /api/users/{name}/authenticators", "", ""},
    {"user authenticator revoke", "POST /api/users/{name}/authenticators/{id}/revoke", "", ""},
    {"user authenticator expire", "POST /api/users/{name}/authenticators/{id}/expiry", "", ""},
    {"user authenticator suspend", "POST /api/users/{name}/authenticators/{id}/suspend", "", ""},
    {"user authenticator resume", "POST /api/users/{name}/authenticators/{id}/resume", "", ""},
    {"user extra-codes ask", "POST /api/self/extra-codes", "", ""},
    {"user extra-codes make", "POST /api/self/recovery-codes", "", ""},
    {"user extra-codes list", "GET /api/extra-codes", "", ""},
    {"user extra-codes approve", "POST /api/extra-codes/{name}/approve", "", ""},
    {"user extra-codes refuse", "POST /api/extra-codes/{name}/refuse", "", ""},
    {"user compromised", "POST /api/users/{name}/compromised", "", ""},
    {"user role", "POST /api/users/{name}/role", "", ""},
    {"user disable", "POST /api/users/{name}/disable", "", ""},
    {"user enable", "POST /api/users/{name}/enable", "", ""},
    {"user delete", "POST /api/users/{name}/delete", "", ""},

    {"recovery open", "POST /api/recovery", "", ""},
    {"recovery list", "GET /api/recovery", "", ""},
    {"recovery approve", "POST /api/recovery/{id}/approve", "", ""},
    {"recovery refuse", "POST /api/recovery/{id}/refuse", "", ""},
    {"recovery admin", "", host_alone, "recovery.requested"},

    {"incident report", "POST /api/self/incidents", "", ""},
    {"incident list", "GET /api/incidents", "", ""},
    {"incident show", "GET /api/incidents/{id}", "", ""},
    {"incident close", "POST /api/incidents/{id}/close", "", ""},

    {"authenticator list", "GET /api/self/authenticators", "", ""},
    {"authenticator rename", "POST /api/self/authenticators/{id}/rename", "", ""},
    {"authenticator suspend", "POST /api/self/authenticators/{id}/suspend", "", ""},
    {"authenticator resume", "POST /api/self/authenticators/{id}/resume", "", ""},
    {"authenticator revoke", "POST /api/self/authenticators/{id}/revoke", "", ""},

    {"device list", "GET /api/devices", "", ""},
    {"device register", "POST /api/devices", "", ""},
    {"device profile", "POST /api/devices/{name}/profile", "", ""},
    {"device retire", "POST /api/devices/{name}/retire", "", ""},
    {"device set-credential", "POST /api/devices/{name}/credential", "", ""},
    {"device place", "POST /api/devices/{name}/place", "", ""},
    {"device-group list", "GET /api/device-groups", "", ""},
    {"device-group show", "GET /api/device-groups/{name}", "", ""},
    {"device-group create", "POST /api/device-groups", "", ""},
    {"device-group change", "GET /api/device-groups/{name}, POST /api/device-groups/{name}", "", ""
    },
    {"device-group import",
     "POST /api/device-groups/{name}/try-import, POST /api/device-groups/{name}/import",
     "",
     ""},
    {"vault put", "POST /api/devices/{name}/credential", "", ""},
    {"vault list", "GET /api/vault", "", ""},

    {"grant list", "GET /api/grants", "", ""},
    {"grant request", "POST /api/grants", "", ""},
    {"grant approve", "POST /api/grants/{id}/approve", "", ""},
    {"grant deny", "POST /api/grants/{id}/deny", "", ""},
    {"grant revoke", "POST /api/grants/{id}/revoke", "", ""},

    {"policy show", "GET /api/policy", "", ""},
    {"policy list", "GET /api/policy/versions", "", ""},
    {"policy propose", "POST /api/policy/proposals", "", ""},
    {"policy approve",
     "GET /api/policy/versions, POST /api/policy/proposals/{version}/approve",
     "",
     ""},
    {"policy reject", "POST /api/policy/proposals/{version}/reject", "", ""},

    {"recording list", "GET /api/recordings", "", ""},
    {"recording show", "GET /api/recordings/{id}", "", ""},
    {"recording export", "POST /api/recordings/{id}/export", "", ""},

    {"audit list", "GET /api/audit", "", ""},
    {"audit show", "GET /api/audit/{id}", "", ""},
    {"audit export", "POST /api/audit/export", "", ""},

    {"backup", "POST /api/backups", "", ""},

    {"badge register", "GET /health/live, POST /api/badge-reader", "", ""},
    {"badge run",
     "GET /api/badge-reader, GET /api/badge-reader/challenge, POST /api/badge-reader/tap, "
     "POST /api/badge-reader/removal",
     "",
     ""},
});

// The next piece up to `separator`, taken off the front.
std::string_view take(std::string_view& rest, std::string_view separator) {
    const auto piece = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(rest.size(), piece.size() + separator.size()));
    return piece;
}

bool path_fits(std::string_view pattern, std::string_view path) {
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = take(pattern, "/");
        const auto given = take(path, "/");
        const bool placeholder = wanted.starts_with('{') && !given.empty();
        if (!placeholder && wanted != given) return false;
    }
    return pattern.empty() && path.empty();
}

void check_whole(const CommandEntry& entry) {
    const auto name = "command " + std::string(entry.name);
    if (entry.routes.empty() == entry.alone.empty()) {
        throw Fault(name + " names neither routes nor why it needs none, or both");
    }
    if (!entry.routes.empty()) return;
    if (entry.event != "-" && audit::find_type(entry.event) == nullptr) {
        throw Fault(name + " names an audit event that the catalogue does not have");
    }
}

void collect(const CLI::App& command, std::vector<std::string>& names) {
    const auto below = command.get_subcommands([](const CLI::App*) { return true; });
    if (below.empty()) names.push_back(command_name(command));
    for (const auto* const each : below) {
        collect(*each, names);
    }
}

}  // namespace

std::span<const CommandEntry> command_entries() noexcept {
    return entries;
}

const CommandEntry* find_command(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(entries, name, &CommandEntry::name);
    return found == entries.end() ? nullptr : found;
}

std::string command_name(const CLI::App& command) {
    const auto* const parent = command.get_parent();
    if (parent == nullptr) return "";
    const auto above = command_name(*parent);
    return above.empty() ? command.get_name() : above + " " + command.get_name();
}

bool may_call(const CommandEntry& entry, std::string_view method, std::string_view path) {
    if (entry.routes.empty()) return false;
    path = path.substr(0, path.find('?'));
    if (method == "POST" && path == "/api/step-up") return true;
    auto rest = entry.routes;
    while (!rest.empty()) {
        auto route = take(rest, ", ");
        const auto its_method = take(route, " ");
        if (its_method == method && path_fits(route, path)) return true;
    }
    return false;
}

void check_commands(const CLI::App& app) {
    std::vector<std::string> names;
    collect(app, names);
    for (const auto& name : names) {
        const auto* const entry = find_command(name);
        if (entry == nullptr) {
            throw Fault("command " + name + " is not in the table of commands");
        }
        check_whole(*entry);
    }
    for (const auto& entry : entries) {
        if (std::ranges::find(names, entry.name) == names.end()) {
            throw Fault("command " + std::string(entry.name) + " is in the table alone");
        }
    }
}

}  // namespace sallyport::cli
