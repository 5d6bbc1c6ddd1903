#include "apps/sallyport/api_client.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/commands/list_pages.h"
#include "apps/sallyport/commands/output_file.h"
#include "apps/sallyport/print.h"

#include "edge/http/message.h"

#include <iostream>

namespace sallyport::cli {

namespace {

void add_list(CLI::App& recording) {
    add_client_command(
        recording,
        "list",
        "Visits with the state of their recordings, newest first",
        [](CLI::App& command, Options& given) {
            add_member(command, given, "--device", "device", "To this device");
            add_member(command, given, "--login", "login_name", "By the holder of this login name");
            add_member(
                command, given, "--from", "from", "Opened not before, as 2026-11-22T08:30:00Z"
            );
            add_member(command, given, "--until", "until", "Opened before");
            add_page_options(command, given);
        },
        [](ApiClient& client, Options& given) {
            print_pages(
                client,
                given,
                "/api/recordings",
                "recordings",
                {"id", "login_name", "device", "opened_at", "closed_at", "state", "exchanges"}
            );
        }
    );
}

void add_show(CLI::App& recording) {
    add_client_command(
        recording,
        "show",
        "What was asked and answered in one visit",
        [](CLI::App& command, Options& given) {
            command.add_option("id", given.name, "The recording's id")->required();
            add_member(command, given, "--skip", "skip", "Leave out this many requests (0)");
        },
        [](ApiClient& client, Options& given) {
            auto path = "/api/recordings/" + http::percent_encoded(given.name);
            if (given.body.contains("skip")) {
                path += "?skip=" + http::percent_encoded(given.body["skip"].get<std::string>());
            }
            const auto shown = client.expect("GET", path);
            if (given.as_json) return print_object(shown, true);
            auto head = shown;
            head.erase("exchanges_list");
            head.erase("exchanges_next");
            print_object(head, false);
            print_list(
                shown["exchanges_list"], {"at", "method", "target", "status", "outcome"}, false
            );
            if (!shown.contains("exchanges_next")) return;
            std::cerr << "There are more: --skip " << shown["exchanges_next"].dump() << '\n';
        }
    );
}

void add_export(CLI::App& recording) {
    add_client_command(
        recording,
        "export",
        "Write a recording as HAR, for any browser's developer tools",
        [](CLI::App& command, Options& given) {
            command.add_option("id", given.name, "The recording's id")->required();
            add_member(command, given, "--reason", "reason", "Why it leaves the server")
                ->required();
            add_member(command, given, "--format", "format", "har")
                ->default_val("har")
                ->check(CLI::IsMember({"har"}));
            command.add_option("--output,-o", given.output, "The file to write (0600)")->required();
        },
        [](ApiClient& client, Options& given) {
            const auto path = "/api/recordings/" + http::percent_encoded(given.name) + "/export";
            // Before it leaves the server, and the log says so: it refuses what is there.
            OutputFile file(given.output);
            client.download("POST", path, &given.body, [&file](std::string_view piece) {
                file.write(piece);
            });
            file.finish();
        }
    );
}

}  // namespace

void add_recording_commands(CLI::App& app) {
    auto* const recording = app.add_subcommand("recording", "Recordings of visits");
    recording->require_subcommand(1);
    add_list(*recording);
    add_show(*recording);
    add_export(*recording);
}

}  // namespace sallyport::cli
