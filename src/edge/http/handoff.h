#pragma once
// How a person who is signed in on the sign-in host gets a session on another host (a device, an
// application), without a cookie that two hosts share and without a reusable token in a URL:
//
//   1. that host sets a `__Host-` nonce cookie and redirects to the sign-in host, with the digest
//      of the nonce;
//   2. the sign-in host asks for a proof that this is the browser that signed in, and answers with
//      a code: single use, 30 s, bound to host, nonce digest and session;
//   3. that host exchanges the code inside the server, sets its own `__Host-` cookie and redirects
//      to a clean URL.
//
// Here is the browser's half, the only implementation; issuing and redeeming codes is the
// session's (domain/session) and comes in as functions. Where the person wanted to go stays in the
// nonce cookie: the sign-in host does not learn it, and nobody can plant a destination.

#include "base/core/random.h"
#include "base/core/result.h"
#include "base/crypto/crypto.h"
#include "base/crypto/secret.h"
#include "edge/http/message.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::http {

// Reserved on every host that takes part: never forwarded.
inline constexpr std::string_view handoff_prefix = "/.sallyport/";
inline constexpr std::string_view handoff_return_path = "/.sallyport/handoff";
// On the sign-in host; the api routes it and asks for a session first.
inline constexpr std::string_view handoff_ask_path = "/handoff";
inline constexpr std::string_view host_session_cookie = "__Host-sallyport-device";
inline constexpr std::string_view handoff_nonce_cookie = "__Host-sallyport-nonce";

// Exchanges a code for the host's own session token (32 bytes). A refusal names why.
using RedeemHandoff = std::function<boost::asio::awaitable<Result<crypto::Secret>>(
    std::string code, std::string host, crypto::Sha256Digest nonce_digest, Request request
)>;

struct HandoffSettings {
    std::string sign_in_origin;  // "https://sign-in.example:8443"
    std::uint16_t public_port = 443;
};

// The other host's side.
class HandoffReceiver {
public:
    HandoffReceiver(HandoffSettings settings, RedeemHandoff redeem, Random& random);

    // The answer to a request without a session: a redirect for who navigates, 401 for what a page
    // fetches (a redirect would only confuse it) and for what changes state.
    [[nodiscard]] Response begin(const Request& request) const;
    // The answer at handoff_return_path.
    [[nodiscard]] boost::asio::awaitable<Response> finish(Request request) const;

private:
    HandoffSettings settings_;
    RedeemHandoff redeem_;
    Random& random_;
};

// The sign-in host's side: what GET handoff_ask_path asks for, and the proof again.
struct HandoffAsk {
    std::string host;
    crypto::Sha256Digest nonce_digest;
};

// Refuses invalid "handoff.malformed". Whether there is such a host is the caller's to know.
[[nodiscard]] Result<HandoffAsk> parse_handoff_ask(const Request& request);
// Where the person goes back to with the code.
[[nodiscard]] std::string handoff_return_address(
    std::string_view host, std::uint16_t public_port, std::string_view code
);

// The token of the host's own session cookie; none if absent, doubled or malformed.
[[nodiscard]] std::optional<crypto::Secret> host_session_token(const Request& request);

}  // namespace sallyport::http
