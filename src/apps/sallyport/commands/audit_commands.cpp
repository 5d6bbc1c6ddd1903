#include "apps/sallyport/api_client.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/commands/host_options.h"
#include "apps/sallyport/commands/list_pages.h"
#include "apps/sallyport/commands/output_file.h"
#include "apps/sallyport/open_store.h"
#include "apps/sallyport/print.h"
#include "apps/sallyport/rotate_log_key.h"

#include "base/config/config.h"
#include "domain/audit/log_files.h"
#include "domain/audit/verify.h"
#include "edge/http/message.h"

#include <fstream>
#include <iostream>
#include <iterator>

namespace sallyport::cli {

namespace {

struct VerifyOptions {
    std::string log;
    std::string anchors;
    std::vector<std::string> anchor_files;
    std::string key;
    std::string config;
    bool as_json = false;
};

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw CommandFailed(path + " can't be read");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// From files alone, or with --config from the server's own folders and database as well.
void verify_log(VerifyOptions options) {
    std::unique_ptr<store::Database> database;
    if (!options.config.empty()) {
        const auto settings = config::load_settings(options.config);
        if (!settings) throw CommandFailed(settings.error().detail);
        if (options.log.empty()) options.log = settings->server.data_dir + "/log";
        if (options.anchors.empty()) options.anchors = settings->audit.anchor_dir;
        database = open_store(*settings);
    }
    if (options.log.empty()) {
        throw CommandFailed("audit verify needs --log FOLDER, or --config FILE of the server");
    }
    const auto log = audit::view_log_folder(options.log);
    const auto anchors =
        options.anchors.empty() ? nullptr : audit::view_log_folder(options.anchors);
    audit::VerifyInputs inputs;
    inputs.log = log.get();
    inputs.anchors = anchors.get();
    inputs.database = database.get();
    for (const auto& file : options.anchor_files) {
        inputs.anchor_notes.push_back(content_of(file));
    }
    if (!options.key.empty()) {
        auto key = audit::VerifierKey::parse(options.key);
        if (!key) throw CommandFailed("--key is not a verifier key (name+id+base64)");
        inputs.trusted = *std::move(key);
    }
    const auto report = audit::verify(inputs);
    std::cout << (options.as_json ? audit::to_json(report) : audit::to_text(report)) << std::flush;
    if (!report.sound()) throw CommandFailed("the audit log is not what it was; see above");
}

void add_verify(CLI::App& audit) {
    const auto options = std::make_shared<VerifyOptions>();
    auto* const command = audit.add_subcommand(
        "verify", "Recompute the log from its bytes, offline; exit code 1 if anything was changed"
    );
    command->add_option("--log", options->log, "The log's folder")->check(CLI::ExistingDirectory);
    command->add_option("--anchors", options->anchors, "The folder with anchors")
        ->check(CLI::ExistingDirectory);
    command->add_option("--anchor", options->anchor_files, "A file with one anchor's text")
        ->check(CLI::ExistingFile);
    command->add_option("--key", options->key, "The log's verifier key, if you hold one");
    command
        ->add_option("--config,-c", options->config, "The server's file: compares its database too")
        ->check(CLI::ExistingFile);
    command->add_flag("--json", options->as_json, "Print JSON instead of text");
    command->callback([options] { verify_log(*options); });
}

void add_rotate_key(CLI::App& audit, World world) {
    const auto given = std::make_shared<LogKeyRotation>();
    auto* const command = audit.add_subcommand(
        "rotate-key", "On a stopped server: sign the log with a new key from here on"
    );
    add_config(*command, given->config_file);
    add_reason(*command, given->reason);
    command->callback([given, world] { rotate_log_key(*given, world); });
}

}  // namespace

void add_audit_commands(CLI::App& app, World world) {
    auto* const audit = app.add_subcommand("audit", "The audit log");
    audit->require_subcommand(1);
    add_client_command(
        *audit,
        "list",
        "Events, newest first",
        [](CLI::App& command, Options& given) {
            add_member(command, given, "--type", "type", "Types that begin with this");
            add_member(command, given, "--object", "object", "What it was done to");
            add_member(command, given, "--from", "from", "Not before, as 2026-11-22T08:30:00Z");
            add_member(command, given, "--until", "until", "Before");
            add_page_options(command, given);
        },
        [](ApiClient& client, Options& given) {
            print_pages(
                client,
                given,
                "/api/audit",
                "events",
                {"index", "at", "type", "who", "object", "outcome", "reason", "factor", "source"}
            );
        }
    );
    add_client_command(
        *audit,
        "show",
        "One event, with its leaf",
        [](CLI::App& command, Options& given) {
            command.add_option("id", given.name, "The event's id")->required();
        },
        [](ApiClient& client, Options& given) {
            const auto path = "/api/audit/" + http::percent_encoded(given.name);
            print_object(client.expect("GET", path), given.as_json);
        }
    );
    add_client_command(
        *audit,
        "export",
        "Write events with their leaves, oldest first, one JSON object a line",
        [](CLI::App& command, Options& given) {
            add_member(command, given, "--type", "type", "Types that begin with this");
            add_member(command, given, "--object", "object", "What it was done to");
            add_member(command, given, "--account", "account", "An account's id");
            add_member(command, given, "--session", "session", "A session's id");
            add_member(command, given, "--grant", "grant", "A grant's id");
            add_member(command, given, "--from", "from", "Not before, as 2026-11-22T08:30:00Z");
            add_member(command, given, "--until", "until", "Before");
            command.add_option("--output,-o", given.output, "The file to write (0600)")->required();
        },
        [](ApiClient& client, Options& given) {
            OutputFile file(given.output);
            client.download(
                "POST",
                "/api/audit/export",
                &given.body,
                [&file](std::string_view piece) { file.write(piece); }
            );
            file.finish();
        }
    );
    add_verify(*audit);
    add_rotate_key(*audit, world);
}

}  // namespace sallyport::cli
