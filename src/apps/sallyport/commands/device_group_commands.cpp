#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/json_file.h"
#include "apps/sallyport/print.h"

#include "edge/http/message.h"

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace sallyport::cli {

namespace {

std::string path_of(const Options& given, std::string_view what = {}) {
    auto path = "/api/device-groups/" + http::percent_encoded(given.name);
    if (!what.empty()) path.append("/").append(what);
    return path;
}

void declare_name(CLI::App& command, Options& given) {
    command.add_option("name", given.name, "The group's name")->required();
}

void declare_members(CLI::App& command, Options& given) {
    declare_name(command, given);
    add_member(command, given, "--description", "description", "What it is");
    command.add_option_function<int>(
        "--deployed",
        [&given](int count) { given.body["deployed"] = count; },
        "How many devices of it the house has"
    );
    add_member(command, given, "--mds2", "mds2_reference", "The maker's MDS2 statement");
    add_member(command, given, "--mds2-sha256", "mds2_sha256", "Its SHA-256");
    add_member(command, given, "--mds2-date", "mds2_date", "Its date, as 2026-11-23");
    command
        .add_option_function<std::string>(
            "--interfaces",
            [&given](const std::string& file) {
                given.body["interfaces"] = json_list_file(file).dump();
            },
            "The interfaces of its devices, as JSON"
        )
        ->check(CLI::ExistingFile);
    command
        .add_option_function<std::string>(
            "--profile",
            [&given](const std::string& file) {
                given.body["profile"] = json_object_file(file).dump();
            },
            "The profile of all its devices, as JSON"
        )
        ->check(CLI::ExistingFile);
}

void print_group(nlohmann::json group, bool as_json) {
    if (as_json) {
        print_object(group, true);
        return;
    }
    std::string gaps;
    for (const auto& gap : group["gaps"]) {
        gaps += (gaps.empty() ? "" : ", ") + gap.value("what", "");
        if (const auto detail = gap.value("detail", ""); !detail.empty()) {
            gaps += " (" + detail + ")";
        }
    }
    group["gaps"] = gaps.empty() ? "none" : gaps;
    const auto members = group.value("members", nlohmann::json::array());
    for (const auto* const member : {"members", "interfaces", "profile"}) {
        group.erase(member);
    }
    print_object(group, false);
    if (!members.empty()) {
        print_list(members, {"name", "serial", "ward", "address", "port", "ephi", "state"}, false);
    }
}

// What the command line does not name stays as it is.
void change_group(ApiClient& client, Options& given) {
    const auto now = client.expect("GET", path_of(given));
    nlohmann::json wanted = nlohmann::json::object();
    for (const auto* const member :
         {"description", "deployed", "mds2_reference", "mds2_sha256", "mds2_date"}) {
        if (!now[member].is_null()) wanted[member] = now[member];
    }
    for (const auto* const member : {"interfaces", "profile"}) {
        if (!now[member].is_null()) wanted[member] = now[member].dump();
    }
    wanted.update(given.body);
    print_group(client.expect("POST", path_of(given), &wanted), given.as_json);
}

// Line by line, as a compiler tells: what is to be mended is found at once.
void fail_with_problems(const std::string& file, const nlohmann::json& problems) {
    std::string text;
    for (const auto& problem : problems) {
        text += file + ":" + std::to_string(problem.value("line", 0)) + ":" +
                std::to_string(problem.value("column", 0)) + ": " +
                harmless(problem.value("cell", "")) + ": " + harmless(problem.value("what", "")) +
                "\n";
    }
    throw CommandFailed(text + "nothing was changed; mend the table and import it again");
}

void print_import(const nlohmann::json& report, bool as_json) {
    if (as_json) {
        print_object(report, true);
        return;
    }
    std::cout << (report.value("applied", false) ? "registered: " : "would register: ")
              << report["registered"].size() << "\nchanged: " << report["updated"].size()
              << "\nas they were: " << report["unchanged"] << "\n";
    if (report["absent"].empty()) return;
    std::cout << "in the group and not in the table: " << report["absent"].size() << "\n";
    for (const auto& name : report["absent"]) {
        std::cout << "  " << harmless(name.get<std::string>()) << "\n";
    }
}

void import_table(ApiClient& client, Options& given) {
    std::ifstream file(given.output, std::ios::binary);
    given.body["csv"] =
        std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    if (file.bad()) throw CommandFailed(given.output + " can't be read");
    auto report = client.expect("POST", path_of(given, "try-import"), &given.body);
    if (!report["problems"].empty()) fail_with_problems(given.output, report["problems"]);
    if (!given.all) report = client.expect("POST", path_of(given, "import"), &given.body);
    print_import(report, given.as_json);
}

}  // namespace

void add_device_group_commands(CLI::App& app) {
    auto* const group = app.add_subcommand(
        "device-group", "Devices of one kind: how many there are, and what covers them"
    );
    group->require_subcommand(1);
    add_client_command(
        *group,
        "list",
        "All groups",
        [](CLI::App&, Options&) {},
        [](ApiClient& client, Options& given) {
            print_list(
                client.expect("GET", "/api/device-groups")["groups"],
                {"name", "description", "registered", "deployed", "mds2_reference"},
                given.as_json
            );
        }
    );
    add_client_command(
        *group,
        "show",
        "A group, its devices, and what the proof of it lacks",
        declare_name,
        [](ApiClient& client, Options& given) {
            print_group(client.expect("GET", path_of(given)), given.as_json);
        }
    );
    add_client_command(
        *group,
        "create",
        "Make a group",
        declare_members,
        [](ApiClient& client, Options& given) {
            given.body["name"] = given.name;
            print_group(client.expect("POST", "/api/device-groups", &given.body), given.as_json);
        }
    );
    add_client_command(
        *group, "change", "Change what is said of a group", declare_members, change_group
    );
    add_client_command(
        *group,
        "import",
        "Register and change devices from a table (CSV): all of it, or nothing",
        [](CLI::App& command, Options& given) {
            declare_name(command, given);
            command
                .add_option(
                    "file",
                    given.output,
                    "The first line names the columns: name, serial, address, archetype, ephi; "
                    "also port, mac, ward"
                )
                ->required()
                ->check(CLI::ExistingFile);
            command.add_flag("--dry-run", given.all, "Only say what would be done");
        },
        import_table
    );
}

}  // namespace sallyport::cli
