#include "edge/http/handoff.h"

#include "base/core/bytes.h"
#include "edge/http/origin_check.h"
#include "edge/http/set_cookie.h"
#include "edge/http/target.h"
#include "edge/http/url_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sallyport::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t nonce_size = 32;
constexpr std::size_t kept_target_size_max = std::size_t{2} * 1024;  // a longer one: the front page
constexpr std::size_t code_size_max = 128;
constexpr std::chrono::seconds nonce_age_max{15 * 60};  // long enough to sign in

struct Nonce {
    std::string text;
    std::string target;
};

// nonce "." base64url(target)
std::string nonce_cookie_value(const std::array<std::byte, nonce_size>& nonce, std::string target) {
    if (target.size() > kept_target_size_max) target = "/";
    return fmt::format("{}.{}", to_base64url(nonce), to_base64url(as_bytes(target)));
}

std::optional<Nonce> parse_nonce_cookie(const Request& request) {
    const auto value = cookie(request, handoff_nonce_cookie);
    if (!value) return std::nullopt;
    const auto dot = value->find('.');
    if (dot == std::string::npos) return std::nullopt;
    const auto target = from_base64url(std::string_view(*value).substr(dot + 1));
    if (!target) return std::nullopt;
    Nonce nonce{.text = value->substr(0, dot), .target = std::string(as_text(*target))};
    // "//host" would leave this host, and the return path would come back here.
    const auto parsed = parse_target(nonce.target);
    const bool here = parsed && !parsed->authority && !nonce.target.starts_with("//") &&
                      !parsed->path.starts_with(handoff_prefix);
    if (!here) nonce.target = "/";
    return nonce;
}

crypto::Sha256Digest digest_of(std::string_view nonce) {
    return crypto::sha256(as_bytes(nonce));
}

bool navigates(const Request& request) {
    if (request.method != "GET" && request.method != "HEAD") return false;
    const auto mode = request.headers.only("Sec-Fetch-Mode");
    return !mode || *mode == "navigate";
}

Response unshared(Response response) {
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("Referrer-Policy", "no-referrer");
    response.headers.set("X-Content-Type-Options", "nosniff");
    return response;
}

Response try_again(int status, std::string_view why) {
    auto page = Response::html(
        status,
        fmt::format(
            "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
            "<title>Sallyport</title>\n<p>{}</p>\n<p><a href=\"/\">Try again</a></p>\n</html>\n",
            html_escaped(why)
        )
    );
    page.headers.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    return unshared(std::move(page));
}

}  // namespace

HandoffReceiver::HandoffReceiver(HandoffSettings settings, RedeemHandoff redeem, Random& random)
    : settings_(std::move(settings)), redeem_(std::move(redeem)), random_(random) {}

Response HandoffReceiver::begin(const Request& request) const {
    if (!navigates(request)) {
        return unshared(Response::text(401, "Sign in first: open this page anew.\n"));
    }
    std::array<std::byte, nonce_size> nonce{};
    random_.fill(nonce);
    const auto digest = digest_of(to_base64url(nonce));
    auto response = Response::redirect(fmt::format(
        "{}{}?host={}&nonce={}",
        settings_.sign_in_origin,
        handoff_ask_path,
        percent_encoded(request.host),
        to_base64url(digest)
    ));
    // Lax: the way back is a navigation from another site.
    response.headers.add(
        "Set-Cookie",
        host_cookie(
            handoff_nonce_cookie,
            nonce_cookie_value(nonce, request.target),
            SameSite::lax,
            nonce_age_max
        )
    );
    return unshared(std::move(response));
}

asio::awaitable<Response> HandoffReceiver::finish(Request request) const {
    const auto nonce = parse_nonce_cookie(request);
    if (!nonce) {
        co_return try_again(
            400, "Signing in to this device did not finish: the browser sent no cookie back."
        );
    }
    const auto form = Form::parse(request.query);
    const auto code = form ? form->only("code") : std::nullopt;
    if (request.method != "GET" || !code || code->empty() || code->size() > code_size_max) {
        co_return try_again(400, "Signing in to this device did not finish.");
    }
    const auto host = request.host;
    const auto digest = digest_of(nonce->text);
    const auto token = co_await redeem_(*code, host, digest, std::move(request));
    if (!token) {
        co_return try_again(
            403, "Signing in to this device did not finish: the code is used up or too old."
        );
    }
    // Absolute, since a relative Location such as "//x" would be read as a host.
    auto response = Response::redirect(site_origin(host, settings_.public_port) + nonce->target);
    response.headers.add("Set-Cookie", expired_host_cookie(handoff_nonce_cookie));
    response.headers.add(
        "Set-Cookie", host_cookie(host_session_cookie, token_text(*token), SameSite::lax)
    );
    co_return unshared(std::move(response));
}

Result<HandoffAsk> parse_handoff_ask(const Request& request) {
    const auto malformed = [] { return refuse(Refusal::invalid, "handoff.malformed"); };
    const auto form = Form::parse(request.query);
    if (!form) return malformed();
    const auto host = form->only("host");
    const auto nonce = form->only("nonce");
    if (!host || !nonce) return malformed();
    auto authority = parse_authority(*host);
    const auto digest = from_base64url(*nonce);
    if (!authority || authority->port || !digest) return malformed();
    HandoffAsk ask{.host = std::move(authority->host), .nonce_digest = {}};
    if (digest->size() != ask.nonce_digest.size()) return malformed();
    std::ranges::copy(*digest, ask.nonce_digest.begin());
    return ask;
}

std::string handoff_return_address(
    std::string_view host, std::uint16_t public_port, std::string_view code
) {
    return fmt::format(
        "{}{}?code={}", site_origin(host, public_port), handoff_return_path, percent_encoded(code)
    );
}

std::optional<crypto::Secret> host_session_token(const Request& request) {
    const auto value = cookie(request, host_session_cookie);
    if (!value) return std::nullopt;
    auto token = parse_token(*value);
    if (!token) return std::nullopt;
    return *std::move(token);
}

}  // namespace sallyport::http
