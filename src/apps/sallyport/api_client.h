#pragma once
// The command line's side of the API: the same routes, decisions and events as in a browser. The
// session's token lives in a 0600 file, obeys its role's timers, and is forgotten at sign-out.

#include "apps/sallyport/command_table.h"

#include "base/crypto/secret.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace sallyport::cli {

// Where a server is, and what proves that it is that server.
struct ServerAddress {
    std::string host;
    std::uint16_t port = 443;
    std::string ca_file;  // PEM; empty: the system's
};

// Reads "https://host[:port]". Throws Fault with the remedy.
[[nodiscard]] ServerAddress parse_server_address(std::string_view url, std::string ca_file);

// "https://host", with the port if it is not 443.
[[nodiscard]] std::string address_text(const ServerAddress& server);

struct ApiAnswer {
    int status = 0;
    std::string content_type;
    std::string body;
};

// The server's words for a refusal: what, why, and what to do.
[[nodiscard]] std::string refusal_text(const ApiAnswer& answer);

class ApiClient {
public:
    // Signed out; used by login. `command` is whose client it is; in the table, so it outlives it.
    ApiClient(ServerAddress server, const CommandEntry& command);
    // With the session that `login` stored. Throws Fault "not signed in" with the remedy.
    [[nodiscard]] static ApiClient from_session_file(
        const std::string& path, const CommandEntry& command
    );
    ~ApiClient();
    ApiClient(ApiClient&&) noexcept;
    ApiClient& operator=(ApiClient&&) noexcept;
    ApiClient(const ApiClient&) = delete;
    ApiClient& operator=(const ApiClient&) = delete;

    // One request. Cookies of a sign-in flow are kept between calls. Throws Fault if the server
    // can't be reached or is not the one that its certificate should name, and before anything is
    // sent if the command did not declare the route.
    [[nodiscard]] ApiAnswer call(
        std::string_view method, std::string_view path, const nlohmann::json* body = nullptr
    );
    // The same, and on `step_up_required` asks for a code at the terminal and repeats once; or ends
    // with what to do where the session came through a browser. An
    // answer that is not a success ends the command with the server's words (throws CommandFailed).
    [[nodiscard]] nlohmann::json expect(
        std::string_view method, std::string_view path, const nlohmann::json* body = nullptr
    );
    // The same for an answer of any length: a success's bytes go to `sink` as they come. When this
    // throws, what the sink has is not the whole.
    using Sink = std::function<void(std::string_view)>;
    void download(
        std::string_view method, std::string_view path, const nlohmann::json* body, const Sink& sink
    );

    void use_token(crypto::Secret token);
    // The session's proofs are shown in the browser that it came through, not here.
    void came_through_browser();
    void save_session(const std::string& path) const;

private:
    [[nodiscard]] ApiAnswer call(
        std::string_view method, std::string_view path, const nlohmann::json* body, const Sink& sink
    );
    [[nodiscard]] ApiAnswer expect_success(
        std::string_view method, std::string_view path, const nlohmann::json* body, const Sink& sink
    );

    struct State;
    std::unique_ptr<State> state_;
};

// $SALLYPORT_SESSION (a path), or ~/.config/sallyport/session.json
[[nodiscard]] std::string session_file_path();

}  // namespace sallyport::cli
