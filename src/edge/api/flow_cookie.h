#pragma once
// What a browser or a command line holds between the steps of a flow that has no session yet.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "domain/session/session.h"
#include "edge/api/route.h"
#include "edge/http/message.h"

#include <string>

namespace sallyport::api {

inline constexpr std::string_view sign_in_cookie = "__Host-sallyport-flow";
inline constexpr std::string_view enrolment_cookie = "__Host-sallyport-enrolment";

// Refuses expired "authn.flow_over" without the cookie.
[[nodiscard]] Result<Bytes> flow_token(const http::Request& request, std::string_view cookie);
[[nodiscard]] std::string flow_cookie_header(std::string_view cookie, const crypto::Secret& token);

// The double-submit token of forms that come before a session: the browser's own, or a fresh one
// with the Set-Cookie that goes with it.
struct FormToken {
    std::string value;
    std::string set_cookie;  // empty: the browser has it
};

[[nodiscard]] FormToken form_token(const http::Request& request);

// A path on this host to go on to after sign-in; anything else becomes "/".
[[nodiscard]] std::string safe_next(std::string_view wanted);

// Whoever signs in on a browser takes it over: the session whose cookie it still held ends, with
// its device hosts, in the same transaction. Else the next person would go on as the one before.
void end_session_before(
    store::Tx& tx,
    const Moment& moment,
    const session::Session* before,
    const audit::Actor& actor,
    AfterCommit& after
);

// Hands the new session to whoever asked: a cookie to a browser, a token to the command line.
void give_session(Reply& reply, const session::Opened& opened, bool to_command_line);

}  // namespace sallyport::api
