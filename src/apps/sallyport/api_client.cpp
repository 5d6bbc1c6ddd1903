#include "apps/sallyport/api_client.h"

#include "apps/sallyport/command.h"
#include "apps/sallyport/terminal.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"
#include "base/core/system_error_text.h"
#include "edge/http/client.h"
#include "edge/http/message.h"
#include "edge/http/target.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <span>
#include <sstream>

namespace sallyport::cli {

namespace {

constexpr mode_t private_mode = 0600;

nlohmann::json parsed(const ApiAnswer& answer) {
    auto json = nlohmann::json::parse(answer.body, nullptr, false);
    return json.is_discarded() ? nlohmann::json::object() : json;
}

bool wants_step_up(const ApiAnswer& answer) {
    constexpr int unauthorized = 401;
    return answer.status == unauthorized &&
           parsed(answer).value("reason", "") == "step_up_required";
}

// How to sign in at that server again, as it would be typed.
std::string sign_in_command(const ServerAddress& server) {
    auto command = fmt::format("sallyport login --server {}", address_text(server));
    if (!server.ca_file.empty()) command += " --ca " + server.ca_file;
    return command;
}

[[noreturn]] void fail(const ApiAnswer& answer, const ServerAddress& server) {
    auto text = refusal_text(answer);
    const auto reason = parsed(answer).value("reason", "");
    if (reason.starts_with("session.")) text += " With: " + sign_in_command(server);
    throw CommandFailed(text);
}

// Sends, and says what to do about a certificate that is not trusted.
http::Response sent(
    http::HttpsClient& http,
    const http::Request& request,
    const ServerAddress& server,
    const http::BodySink& sink
) {
    try {
        return http.send(request, sink);
    } catch (const Fault& fault) {
        const std::string text = fault.what();
        if (!text.contains("not trusted")) throw;
        if (text.contains("hostname mismatch") || text.contains("address mismatch")) {
            throw Fault(text + "; use the name that the certificate is for, with --server");
        }
        throw Fault(
            text + (server.ca_file.empty()
                        ? "; name the authority that signed it, if it is your own: --ca FILE"
                        : "; " + server.ca_file + " is not the authority that signed it")
        );
    }
}

// RFC 6761 §6.3: names under .localhost are this machine, whether the resolver knows it or not.
std::string connect_address(const std::string& host) {
    return host == "localhost" || host.ends_with(".localhost") ? "127.0.0.1" : "";
}

std::optional<std::string> environment(const char* name) {
    // Nothing here writes the environment.
    const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

std::string address_text(const ServerAddress& server) {
    constexpr std::uint16_t https_port = 443;
    return server.port == https_port ? fmt::format("https://{}", server.host)
                                     : fmt::format("https://{}:{}", server.host, server.port);
}

std::string refusal_text(const ApiAnswer& answer) {
    const auto json = parsed(answer);
    if (!json.contains("title")) {
        return fmt::format(
            "The server answered {} without saying why; is it a Sallyport?", answer.status
        );
    }
    auto text = fmt::format("{} {}", json.value("title", ""), json.value("detail", ""));
    if (json.contains("member")) text += " (" + json.value("member", "") + ")";
    if (json.contains("incident")) text += " Incident " + json.value("incident", "") + ".";
    return text;
}

struct ApiClient::State {
    ServerAddress server;
    const CommandEntry& command;
    crypto::Secret token;
    bool through_browser = false;
    std::map<std::string, std::string> cookies;
    http::HttpsClient http;

    State(ServerAddress address, const CommandEntry& whose)
        : server(std::move(address)),
          command(whose),
          token(crypto::Secret::take({})),
          http(
              {.host = server.host,
               .port = server.port,
               .connect_to = connect_address(server.host),
               .ca_file = server.ca_file}
          ) {}
};

ServerAddress parse_server_address(std::string_view url, std::string ca_file) {
    constexpr std::string_view scheme = "https://";
    const auto remedy = "give it as https://host or https://host:port";
    if (!url.starts_with(scheme)) throw Fault(fmt::format("server {}: {}", url, remedy));
    auto rest = url.substr(scheme.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
    const auto authority = http::parse_authority(rest);
    if (!authority) throw Fault(fmt::format("server {}: {}", url, remedy));
    constexpr std::uint16_t https_port = 443;
    return {authority->host, authority->port.value_or(https_port), std::move(ca_file)};
}

ApiClient::ApiClient(ServerAddress server, const CommandEntry& command)
    : state_(std::make_unique<State>(std::move(server), command)) {}

ApiClient::~ApiClient() = default;
ApiClient::ApiClient(ApiClient&&) noexcept = default;
ApiClient& ApiClient::operator=(ApiClient&&) noexcept = default;

ApiClient ApiClient::from_session_file(const std::string& path, const CommandEntry& command) {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) {
        throw Fault("you are not signed in; sign in with: sallyport login --server https://HOST");
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw Fault(fmt::format(
            "the session in {} can be read by others; delete the file and sign in again: sallyport "
            "login --server https://HOST",
            path
        ));
    }
    std::ifstream file(path);
    const auto json = nlohmann::json::parse(file, nullptr, false);
    if (!json.is_object() || !json.contains("token")) {
        throw Fault(fmt::format(
            "{} holds no session; delete the file and sign in again: sallyport login --server "
            "https://HOST",
            path
        ));
    }
    ApiClient client(
        parse_server_address(json.value("server", ""), json.value("ca_file", "")), command
    );
    client.state_->through_browser = json.value("through_browser", false);
    auto token = json.value("token", "");
    client.use_token(
        crypto::Secret::take(std::as_writable_bytes(std::span(token.data(), token.size())))
    );
    return client;
}

ApiAnswer ApiClient::call(
    std::string_view method, std::string_view path, const nlohmann::json* body
) {
    return call(method, path, body, Sink());
}

ApiAnswer ApiClient::call(
    std::string_view method, std::string_view path, const nlohmann::json* body, const Sink& sink
) {
    if (!may_call(state_->command, method, path)) {
        throw Fault(
            fmt::format("command {} does not declare {} {}", state_->command.name, method, path)
        );
    }
    http::Request request;
    request.method = method;
    request.target = path;
    request.headers.add("accept", "application/json");
    request.headers.add("user-agent", "sallyport-cli");
    if (body != nullptr) {
        request.body = body->dump();
        request.headers.add("content-type", "application/json");
    } else if (method != "GET") {
        request.body = "{}";
        request.headers.add("content-type", "application/json");
    }
    if (state_->token.size() > 0) {
        request.headers.add(
            "authorization", "Bearer " + std::string(as_text(state_->token.expose()))
        );
    }
    std::string cookies;
    for (const auto& [name, value] : state_->cookies) {
        cookies += fmt::format("{}{}={}", cookies.empty() ? "" : "; ", name, value);
    }
    if (!cookies.empty()) request.headers.add("cookie", cookies);

    auto response = sent(state_->http, request, state_->server, sink);
    for (const auto cookie : response.headers.all("set-cookie")) {
        const auto pair = cookie.substr(0, cookie.find(';'));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        state_->cookies[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
    }
    return {
        response.status,
        std::string(response.headers.only("content-type").value_or("")),
        std::move(response.body)
    };
}

ApiAnswer ApiClient::expect_success(
    std::string_view method, std::string_view path, const nlohmann::json* body, const Sink& sink
) {
    auto answer = call(method, path, body, sink);
    if (wants_step_up(answer) && state_->through_browser) {
        throw CommandFailed(
            "This asks again who you are, which your browser has to show: sign in again, then "
            "repeat the command. With: " +
            sign_in_command(state_->server)
        );
    }
    if (wants_step_up(answer)) {
        std::cerr << "This asks again who you are.\n";
        auto code = ask_secret("Code from your authenticator");
        const nlohmann::json proof{{"code", as_text(code.expose())}};
        const auto stepped_up = call("POST", "/api/step-up", &proof);
        constexpr int ok = 200;
        if (stepped_up.status != ok) fail(stepped_up, state_->server);
        auto token = parsed(stepped_up).value("token", "");
        if (!token.empty()) {
            use_token(
                crypto::Secret::take(std::as_writable_bytes(std::span(token.data(), token.size())))
            );
            save_session(session_file_path());
        }
        answer = call(method, path, body, sink);
    }
    constexpr int first_refusal = 400;
    if (answer.status >= first_refusal) fail(answer, state_->server);
    return answer;
}

nlohmann::json ApiClient::expect(
    std::string_view method, std::string_view path, const nlohmann::json* body
) {
    return parsed(expect_success(method, path, body, Sink()));
}

void ApiClient::download(
    std::string_view method, std::string_view path, const nlohmann::json* body, const Sink& sink
) {
    static_cast<void>(expect_success(method, path, body, sink));
}

void ApiClient::use_token(crypto::Secret token) {
    state_->token = std::move(token);
}

void ApiClient::came_through_browser() {
    state_->through_browser = true;
}

void ApiClient::save_session(const std::string& path) const {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    const auto& server = state_->server;
    const nlohmann::json json{
        {"server", address_text(server)},
        {"ca_file", server.ca_file},
        {"token", as_text(state_->token.expose())},
        {"through_browser", state_->through_browser},
    };
    const auto text = json.dump();
    // Written beside and renamed, so that the file is never half a session and never wider open.
    const auto beside = path + ".new";
    const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, private_mode);
    if (file < 0) throw Fault(fmt::format("{}: {}", beside, system_error_text(errno)));
    const bool written = fchmod(file, private_mode) == 0 &&
                         write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (close(file) != 0 || !written || rename(beside.c_str(), path.c_str()) != 0) {
        throw Fault(fmt::format("{}: {}", path, system_error_text(errno)));
    }
}

std::string session_file_path() {
    if (const auto path = environment("SALLYPORT_SESSION")) return *path;
    if (const auto config = environment("XDG_CONFIG_HOME")) {
        return *config + "/sallyport/session.json";
    }
    const auto home = environment("HOME");
    if (!home) throw Fault("neither HOME nor SALLYPORT_SESSION says where sessions are kept");
    return *home + "/.config/sallyport/session.json";
}

}  // namespace sallyport::cli
