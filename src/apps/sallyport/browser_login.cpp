#include "apps/sallyport/browser_login.h"

#include "apps/sallyport/command.h"
#include "apps/sallyport/loopback_listener.h"
#include "apps/sallyport/open_browser.h"

#include "base/core/bytes.h"
#include "base/crypto/secret.h"
#include "domain/session/cli_code.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <iostream>
#include <span>

namespace sallyport::cli {

namespace {

constexpr std::size_t word_bytes = 32;  // RFC 7636 §4.1 asks for no more for a verifier
constexpr std::chrono::minutes patience{5};

// 32 random bytes as the 43 characters that travel.
crypto::Secret random_word() {
    const auto bytes = crypto::Secret::random(word_bytes);
    auto text = to_base64url(bytes.expose());
    return crypto::Secret::take(std::as_writable_bytes(std::span(text.data(), text.size())));
}

}  // namespace

nlohmann::json sign_in_through_browser(
    ApiClient& client, const ServerAddress& server, bool try_to_open
) {
    const auto verifier = random_word();
    const auto state = random_word();
    LoopbackListener listener;
    const auto address = fmt::format(
        "{}/cli-sign-in?port={}&challenge={}&state={}",
        address_text(server),
        listener.port(),
        to_base64url(session::challenge_of(verifier.expose())),
        as_text(state.expose())
    );
    std::cout << "Open this address in a browser on this computer, and confirm there:\n\n  "
              << address << "\n\nWaiting " << patience.count()
              << " minutes for the browser; Ctrl-C ends it.\n"
              << std::flush;
    if (try_to_open) open_in_browser(address);
    const auto code = listener.wait_for_code(state, patience);
    if (!code) {
        throw CommandFailed(
            "The browser did not come back in time; nothing was opened. Run sallyport login again."
        );
    }
    const nlohmann::json shown{{"code", *code}, {"verifier", as_text(verifier.expose())}};
    return client.expect("POST", "/api/cli-session", &shown);
}

}  // namespace sallyport::cli
