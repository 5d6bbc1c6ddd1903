#include "apps/sallyport/api_client.h"
#include "apps/sallyport/badge/api_badge_server.h"
#include "apps/sallyport/badge/badge_agent.h"
#include "apps/sallyport/badge/pcsc_reader.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/command_table.h"
#include "apps/sallyport/terminal.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace sallyport::cli {

namespace {

constexpr int ok = 200;

struct BadgeOptions {
    std::string server = "https://sallyport.localhost:8443";
    std::string ca_file;
    std::string state_file;
    std::string reader;
};

std::atomic<bool> stop_wanted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void want_stop(int /*signal*/) {
    stop_wanted.store(true);
}

// For whoever reads the service's log: at once, since it may be read while this runs.
void say(std::string_view line) {
    std::cout << line << '\n' << std::flush;
}

std::string state_file_of(const BadgeOptions& options) {
    if (!options.state_file.empty()) return options.state_file;
    const std::filesystem::path session = session_file_path();
    return session.parent_path() / "badge-reader.json";
}

void register_reader(const BadgeOptions& options) {
    const auto ca_file =
        options.ca_file.empty() ? "" : std::filesystem::absolute(options.ca_file).string();
    ApiClient client(
        parse_server_address(options.server, ca_file), *find_command("badge register")
    );
    // Before the ticket is typed: is that server there, and is it the right one?
    static_cast<void>(client.call("GET", "/health/live"));
    const auto ticket = ask_secret("Ticket of the badge reader");
    const nlohmann::json body{{"ticket", as_text(ticket.expose())}};
    const auto made = client.expect("POST", "/api/badge-reader", &body);
    auto token = made.value("token", "");
    client.use_token(
        crypto::Secret::take(std::as_writable_bytes(std::span(token.data(), token.size())))
    );
    const auto file = state_file_of(options);
    client.save_session(file);
    std::cout << "Registered as the badge reader of " << made.value("workstation", "") << " (mode "
              << made.value("mode", "") << "), kept in " << file
              << ". Start it with: sallyport badge run\n";
}

struct Reader {
    std::string workstation;
    BadgeAgent::Mode mode;
};

// What the server knows of this reader. A workstation may be up before the server is: then this
// waits, until somebody ends it (none).
std::optional<Reader> ask_server(ApiClient& client) {
    constexpr std::chrono::seconds pause{2};
    constexpr std::chrono::milliseconds turn{100};
    constexpr int first_server_error = 500;
    bool told = false;
    while (!stop_wanted.load()) {
        std::string why;
        try {
            const auto answer = client.call("GET", "/api/badge-reader");
            const auto json = nlohmann::json::parse(answer.body, nullptr, false);
            if (answer.status == ok && json.is_object()) {
                const bool stays = json.value("mode", "") == "stay";
                return Reader{
                    .workstation = json.value("workstation", ""),
                    .mode = stays ? BadgeAgent::Mode::stay : BadgeAgent::Mode::tap,
                };
            }
            why = refusal_text(answer);
            if (answer.status < first_server_error) throw CommandFailed(why);
        } catch (const CommandFailed&) {
            throw;
        } catch (const Fault& fault) {
            why = fault.what();
        }
        if (!std::exchange(told, true)) say("server away (" + why + "); waiting for it");
        for (auto waited = turn; waited < pause && !stop_wanted.load(); waited += turn) {
            std::this_thread::sleep_for(turn);
        }
    }
    return std::nullopt;
}

void run_agent(const BadgeOptions& options, const Clock& clock) {
    constexpr std::chrono::milliseconds turn{500};
    const auto file = state_file_of(options);
    if (!std::filesystem::exists(file)) {
        throw CommandFailed(
            "No badge reader is registered here (" + file +
            "). An administrator issues a ticket under Workstations; then: sallyport badge register"
        );
    }
    auto client = ApiClient::from_session_file(file, *find_command("badge run"));
    static_cast<void>(std::signal(SIGTERM, want_stop));
    static_cast<void>(std::signal(SIGINT, want_stop));
    const auto known = ask_server(client);
    if (!known) return;
    PcscReader reader(options.reader);
    ApiBadgeServer server(client);
    BadgeAgent agent(reader, server, clock, known->mode, say);
    say("badge reader of " + known->workstation + ": waiting for cards");
    while (!stop_wanted.load()) {
        if (!agent.step(turn)) {
            throw CommandFailed(
                "The server does not know this badge reader any more. Register it again: sallyport "
                "badge register"
            );
        }
    }
    say("badge reader of " + known->workstation + ": ended");
}

}  // namespace

void add_badge_commands(CLI::App& app, World world) {
    auto* const badge = app.add_subcommand("badge", "The badge reader of this workstation");
    badge->require_subcommand(1);
    const auto options = std::make_shared<BadgeOptions>();

    auto* const enter =
        badge->add_subcommand("register", "Registers this machine's badge reader, with a ticket");
    enter->add_option("--server", options->server, "Where Sallyport is: https://host[:port]")
        ->capture_default_str();
    enter
        ->add_option(
            "--ca", options->ca_file, "PEM file of the authority that signed its certificate"
        )
        ->check(CLI::ExistingFile);
    enter->add_option(
        "--state", options->state_file, "Where to keep the reader's token (mode 0600)"
    );
    enter->callback([options] { register_reader(*options); });

    auto* const run =
        badge->add_subcommand("run", "Tells the server of badges, until it is ended by a signal");
    run->add_option("--state", options->state_file, "Where the reader's token is kept");
    run->add_option(
        "--reader", options->reader, "How the reader's name begins; else the first one"
    );
    run->callback([options, &clock = world.clock] { run_agent(*options, clock); });
}

}  // namespace sallyport::cli
