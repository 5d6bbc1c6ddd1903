#include "edge/api/flow_cookie.h"

#include "base/crypto/crypto.h"
#include "edge/api/router.h"
#include "edge/http/set_cookie.h"
#include "edge/http/url_token.h"

#include <algorithm>
#include <array>

namespace sallyport::api {

namespace {

constexpr std::size_t form_token_size = 32;

}  // namespace

Result<Bytes> flow_token(const http::Request& request, std::string_view cookie) {
    const auto text = http::cookie(request, cookie);
    if (!text) return refuse(Refusal::expired, "authn.flow_over");
    auto token = from_base64url(*text);
    if (!token) return refuse(Refusal::expired, "authn.flow_over");
    return token;
}

std::string flow_cookie_header(std::string_view cookie, const crypto::Secret& token) {
    return http::host_cookie(cookie, to_base64url(token.expose()), http::SameSite::lax);
}

FormToken form_token(const http::Request& request) {
    if (auto known = http::cookie(request, form_cookie); known && !known->empty()) {
        return {*std::move(known), {}};
    }
    std::array<std::byte, form_token_size> bytes{};
    crypto::SystemRandom().fill(bytes);
    auto value = to_base64url(bytes);
    auto cookie = http::host_cookie(form_cookie, value, http::SameSite::strict);
    return {std::move(value), std::move(cookie)};
}

std::string safe_next(std::string_view wanted) {
    // "//host" and "/\host" are other hosts to a browser.
    const bool on_this_host =
        wanted.starts_with('/') && !wanted.starts_with("//") && !wanted.contains('\\');
    const bool printable =
        std::ranges::all_of(wanted, [](char c) { return c > ' ' && c < '\x7f'; });
    return on_this_host && printable ? std::string(wanted) : "/";
}

void end_session_before(
    store::Tx& tx,
    const Moment& moment,
    const session::Session* before,
    const audit::Actor& actor,
    AfterCommit& after
) {
    if (before == nullptr || before->channel != session::Channel::web) return;
    session::end(tx, moment, *before, session::EndCause::logout, actor);
    after.ended_sessions.emplace_back(before->id, policy::CutCause::logout);
}

void give_session(Reply& reply, const session::Opened& opened, bool to_command_line) {
    if (to_command_line) return;  // the token is in the JSON answer
    reply.cookies.push_back(
        http::host_cookie(session_cookie, http::token_text(opened.token), http::SameSite::lax)
    );
}

}  // namespace sallyport::api
