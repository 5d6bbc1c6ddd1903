#include "apps/sallyport/api_client.h"
#include "apps/sallyport/browser_login.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/commands/client_command.h"
#include "apps/sallyport/print.h"
#include "apps/sallyport/terminal.h"

#include "base/core/bytes.h"
#include "base/crypto/crypto.h"

#include <algorithm>
#include <array>
#include <exception>
#include <filesystem>
#include <functional>
#include <iostream>
#include <span>
#include <system_error>

namespace sallyport::cli {

namespace {

crypto::Secret secret_from(std::string text) {
    return crypto::Secret::take(std::as_writable_bytes(std::span(text.data(), text.size())));
}

void keep(ApiClient& client, const nlohmann::json& opened) {
    client.use_token(secret_from(opened.value("token", "")));
    client.save_session(session_file_path());
    std::cout << "Signed in as " << opened.value("login_name", "") << " ("
              << opened.value("role", "") << ") until " << opened.value("ends_at", "") << ".\n";
}

void sign_in(ApiClient& client, std::string name) {
    if (name.empty()) name = ask("Your name here");
    const auto passphrase = ask_secret("Passphrase");
    const nlohmann::json first{
        {"login_name", name}, {"passphrase", as_text(passphrase.expose())}, {"channel", "cli"}
    };
    auto answer = client.expect("POST", "/api/sign-in", &first);
    if (answer.value("next", "") == "code") {
        const auto code = ask_secret("Code from your authenticator app");
        const nlohmann::json second{{"code", as_text(code.expose())}, {"channel", "cli"}};
        answer = client.expect("POST", "/api/sign-in/code", &second);
    }
    if (answer.value("next", "") == "new_key") {
        throw CommandFailed(
            "your role asks for a security key. Sign in with the code in a browser: there you can "
            "bring a new one. The code is not used up."
        );
    }
    keep(client, answer);
}

// A ticket is used up when it is typed, so a slip after that must not end the enrolment: what the
// server could not take is asked for again.
nlohmann::json answered(
    ApiClient& client, std::string_view path, const std::function<nlohmann::json()>& ask_for_body
) {
    constexpr int first_refusal = 400;
    constexpr std::array slips{401, 409, 422};
    for (;;) {
        const auto body = ask_for_body();
        const auto answer = client.call("POST", path, &body);
        if (answer.status < first_refusal) return nlohmann::json::parse(answer.body);
        if (std::ranges::find(slips, answer.status) == slips.end()) {
            throw CommandFailed(refusal_text(answer));
        }
        std::cerr << refusal_text(answer) << '\n';
    }
}

// Twice where nobody sees what is typed; a script says it once.
nlohmann::json new_passphrase() {
    for (;;) {
        const auto passphrase = ask_secret("Choose a passphrase");
        if (is_terminal()) {
            const auto repeated = ask_secret("The same again");
            if (!crypto::constant_time_equal(passphrase, repeated)) {
                std::cerr << "The two passphrases differ. Type the same one twice.\n";
                continue;
            }
        }
        return {{"passphrase", as_text(passphrase.expose())}};
    }
}

// What somebody who enrols has in hand, besides nothing else.
enum class Enrol : std::uint8_t { first_start, ticket, recovery };

// Enrolment at the terminal.
void enrol(ApiClient& client, Enrol how) {
    if (how == Enrol::first_start) {
        const auto code = ask_secret("One-time code of the first start");
        static_cast<void>(answered(client, "/api/setup", [&code]() -> nlohmann::json {
            return {
                {"code", as_text(code.expose())},
                {"display_name", ask("Your name")},
                {"login_name", ask("Your name here (to sign in with)")},
            };
        }));
    } else {
        const auto ticket = ask_secret("Enrolment ticket");
        nlohmann::json with{{"ticket", as_text(ticket.expose())}};
        if (how == Enrol::recovery) {
            const auto agents = ask_secret("The help desk's code");
            with["agent_code"] = as_text(agents.expose());
        }
        static_cast<void>(client.expect("POST", "/api/enrolment", &with));
    }
    const auto seed = answered(client, "/api/enrolment/passphrase", new_passphrase);
    std::cout << "Add this to your authenticator app (shown this once):\n  "
              << seed["totp"].value("secret", "") << "\n  " << seed["totp"].value("uri", "") << '\n'
              << std::flush;
    const bool optional = seed.value("second_factor", "") == "optional";
    const auto finished = answered(client, "/api/enrolment/totp", [optional]() -> nlohmann::json {
        const auto code = ask_secret(
            optional ? "Code that the app shows now (nothing: the passphrase alone, for now)"
                     : "Code that the app shows now"
        );
        return {{"code", as_text(code.expose())}, {"channel", "cli"}};
    });
    if (!finished["recovery_codes"].empty()) {
        std::cout << "Recovery codes, each good once, shown this once; keep them apart from your "
                     "phone:\n";
    }
    for (const auto& recovery : finished["recovery_codes"]) {
        std::cout << "  " << recovery.get<std::string>() << '\n';
    }
    keep(client, finished);
}

struct LoginOptions {
    std::string server = "https://sallyport.localhost:8443";
    std::string ca_file;
    std::string name;
    bool terminal = false;
    bool no_open = false;
    bool enrol = false;
    bool first_start = false;
    bool recovery = false;
};

void log_in(const LoginOptions& options) {
    const auto ca_file =
        options.ca_file.empty() ? "" : std::filesystem::absolute(options.ca_file).string();
    const auto server = parse_server_address(options.server, ca_file);
    ApiClient client(server, *find_command("login"));
    // Before anybody types a passphrase: is that server there, and is it the right one?
    static_cast<void>(client.call("GET", "/health/live"));
    if (options.first_start) {
        enrol(client, Enrol::first_start);
    } else if (options.enrol || options.recovery) {
        enrol(client, options.recovery ? Enrol::recovery : Enrol::ticket);
    } else if (options.terminal) {
        sign_in(client, options.name);
    } else {
        client.came_through_browser();
        keep(client, sign_in_through_browser(client, server, !options.no_open));
    }
}

void forget_session() {
    const auto path = session_file_path();
    std::error_code failed;
    std::filesystem::remove(path, failed);
    if (failed) throw CommandFailed(path + ": " + failed.message() + "; delete it yourself");
}

// Whatever the server says, nothing stays here: whoever signs out is done with this machine.
void log_out(ApiClient& client) {
    constexpr int first_refusal = 400;
    constexpr int unauthorized = 401;
    ApiAnswer answer;
    try {
        answer = client.call("POST", "/api/session/end");
    } catch (const std::exception& failed) {
        forget_session();
        throw CommandFailed(
            std::string(failed.what()) +
            ". The token here is deleted; the session ends when its time is over."
        );
    }
    forget_session();
    if (answer.status == unauthorized) {
        std::cout << "The session was over already; its token here is deleted.\n";
    } else if (answer.status >= first_refusal) {
        throw CommandFailed(
            refusal_text(answer) +
            " The token here is deleted; the session ends when its time is over."
        );
    } else {
        std::cout << "Signed out.\n";
    }
}

}  // namespace

void add_session_commands(CLI::App& app) {
    const auto options = std::make_shared<LoginOptions>();
    auto* const login =
        app.add_subcommand("login", "Sign in through a browser; the token is kept in a 0600 file");
    login->add_option("--server", options->server, "The server, as https://HOST[:PORT]")
        ->capture_default_str();
    login
        ->add_option("--ca", options->ca_file, "PEM of the CA that signed the server's certificate")
        ->check(CLI::ExistingFile);
    auto* const terminal = login->add_flag(
        "--terminal",
        options->terminal,
        "Sign in here with passphrase and code, not in a browser, if your role allows it"
    );
    login
        ->add_option(
            "--name", options->name, "With --terminal: your login name; asked for if not given"
        )
        ->needs(terminal);
    login->add_flag("--no-open", options->no_open, "Print the address only; open no browser");
    login->add_flag("--enrol", options->enrol, "Enrol with a ticket instead");
    login->add_flag(
        "--recovery", options->recovery, "Enrol anew with the two codes of your account's recovery"
    );
    login->add_flag("--first-start", options->first_start, "Become the first administrator");
    login->callback([options] { log_in(*options); });

    add_client_command(
        app,
        "logout",
        "End this session, here and on the server",
        [](CLI::App&, Options&) {},
        [](ApiClient& client, Options&) { log_out(client); }
    );
    add_client_command(
        app,
        "whoami",
        "Who is signed in, how, and until when",
        [](CLI::App&, Options&) {},
        [](ApiClient& client, Options& given) {
            auto session = client.expect("GET", "/api/session");
            session.erase("csrf");
            print_object(session, given.as_json);
        }
    );
}

}  // namespace sallyport::cli
