#include "apps/sallyport/accept_clock.h"
#include "apps/sallyport/card_door.h"
#include "apps/sallyport/certificate_report.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/host_options.h"
#include "apps/sallyport/initialise.h"
#include "apps/sallyport/serve.h"

#include "base/config/config.h"
#include "base/store/database.h"
#include "edge/http/tls.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <vector>

namespace sallyport::cli {

namespace {

void add_init(CLI::App& app, World world) {
    auto* const init = app.add_subcommand(
        "init", "Make a folder with configuration, keys and nothing that lets anybody in"
    );
    const auto options = std::make_shared<InitOptions>();
    init->add_option("--dir", options->folder, "The folder")->required();
    init->add_option("--host", options->sign_in_host, "Host of sign-in and console");
    init->add_option("--device-suffix", options->device_suffix, "Devices are hosts below this");
    init->add_option("--data-dir", options->data_folder, "Database and recordings (DIR/data)");
    init->add_option("--anchor-dir", options->anchor_folder, "The log's anchors (DIR/anchors)");
    auto* const port = init->add_option("--port", options->port, "The HTTPS port");
    init->add_flag("--demo", options->demo, "For one machine, with certificates of its own");
    init->callback([options, port, world] {
        constexpr std::uint16_t demo_port = 8443;
        if (options->demo && port->count() == 0) options->port = demo_port;
        if (options->sign_in_host.empty() && options->demo) {
            options->sign_in_host = "sallyport.localhost";
        }
        if (options->device_suffix.empty() && options->demo) {
            options->device_suffix = "gate.localhost";
        }
        if (options->sign_in_host.empty() || options->device_suffix.empty()) {
            throw CommandFailed("init needs --host and --device-suffix (or --demo)");
        }
        initialise(*options, world.clock);
    });
}

bool tell(const CertificateReport& report) {
    for (const auto& text : report.errors) {
        std::cout << "error: " << text << '\n';
    }
    for (const auto& text : report.warnings) {
        std::cout << "warning: " << text << '\n';
    }
    return report.errors.empty();
}

// What the card host's files say, and the lists of revoked certificates that can't be used.
bool report_card_host(const config::Settings& settings, const World& world) {
    if (!settings.card.listen) return true;
    const auto door = read_card_files(settings.card);
    auto report = report_on_card_host(settings.card, door.certificates, world.clock.now());
    for (const auto& text : door.unusable_lists) {
        report.warnings.push_back("a list of revoked certificates can't be used: " + text);
    }
    return tell(report);
}

// Findings about certificates, which the file alone can't show.
bool report_certificates(const config::Settings& settings, const World& world) {
    std::vector<http::CertificateFiles> files;
    for (const auto& certificate : settings.tls.certificates) {
        files.push_back({certificate.certificate, certificate.key});
    }
    const http::TlsServer tls(std::move(files));
    return tell(report_on_certificates(settings, tls.certificates(), {}, world.clock.now()));
}

void check(const std::string& file, const World& world) {
    const auto settings = config::load_settings(file);
    if (!settings) throw CommandFailed(settings.error().detail);
    bool good = true;
    for (const auto& finding : config::check_settings(*settings)) {
        const bool error = finding.severity == config::Finding::error;
        good = good && !error;
        std::cout << (error ? "error: " : "warning: ") << finding.text << '\n';
    }
    good = report_certificates(*settings, world) && good;
    good = report_card_host(*settings, world) && good;
    if (!good) throw CommandFailed(file + ": mend what is called an error above");
    std::cout << file << ": good\n";
}

}  // namespace

void add_server_commands(CLI::App& app, World world) {
    add_init(app, world);

    const auto file = std::make_shared<std::string>("sallyport.toml");
    auto* const serve_command = app.add_subcommand("serve", "Run the server");
    serve_command->add_option("--config,-c", *file, "The configuration file")
        ->capture_default_str()
        ->envname("SALLYPORT_CONFIG");
    serve_command->callback([file, world] { serve(*file, world); });

    auto* const config = app.add_subcommand("config", "The configuration file");
    config->require_subcommand(1);
    auto* const check_command =
        config->add_subcommand("check", "Say what is wrong with it, without starting anything");
    check_command->add_option("--config,-c", *file, "The configuration file")
        ->capture_default_str()
        ->envname("SALLYPORT_CONFIG");
    check_command->callback([file, world] { check(*file, world); });

    auto* const clock = app.add_subcommand("clock", "The time that Sallyport believes");
    clock->require_subcommand(1);
    const auto accepted = std::make_shared<AcceptedClock>();
    auto* const accept_command = clock->add_subcommand(
        "accept", "On a stopped server: the clock is right now, and was ahead before"
    );
    add_config(*accept_command, accepted->config_file);
    add_reason(*accept_command, accepted->reason);
    accept_command->callback([accepted, world] { accept_clock(*accepted, world); });

    app.add_subcommand("version", "This binary's version and the schema it writes")->callback([] {
        std::cout << "sallyport " << SALLYPORT_VERSION << ", schema " << store::schema_version()
                  << '\n';
    });
}

}  // namespace sallyport::cli
