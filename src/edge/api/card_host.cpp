#include "edge/api/card_host.h"

#include "base/core/bytes.h"
#include "base/core/log.h"
#include "domain/authn/certificate/card_presentation.h"
#include "domain/policy/zones.h"
#include "edge/api/card_handoff.h"
#include "edge/api/pages/html.h"
#include "edge/http/await.h"

#include <optional>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;

// Looking at a certificate may wait for responders, so it has threads of its own.
constexpr http::WorkPool::Settings pool_settings{.threads = 4, .queue_max = 64};
constexpr std::size_t code_text_max = 64;

std::optional<Bytes> code_in(const http::Request& request) {
    if (request.method != "GET" || request.path != card_path) return std::nullopt;
    const auto form = http::Form::parse(request.query);
    const auto text = form ? form->only("code") : std::nullopt;
    if (!text || text->empty() || text->size() > code_text_max) return std::nullopt;
    auto code = from_base64url(*text);
    if (!code) return std::nullopt;
    return *std::move(code);
}

}  // namespace

CardHost::CardHost(
    Services& services,
    const authn::Context& authn,
    authn::CertificateTrustSource trust,
    authn::AskResponder ask
)
    : services_(services),
      authn_(authn),
      trust_(std::move(trust)),
      ask_(std::move(ask)),
      pool_(pool_settings) {}

audit::Where CardHost::where_of(const http::Request& request) const {
    const auto policy = services_.policy.get();
    return {
        .source = request.peer,
        .channel = "web",
        .workstation = "unregistered",
        .zone = policy::segment_of(*policy, request.peer).zone,
        .country = services_.places.country_of(request.peer),
    };
}

// The choice of a language is the sign-in host's cookie: here counts what the browser asks for.
http::Response CardHost::nothing_here(const http::Request& request) const {
    const Html html(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sallyport</title>"
        "</head><body>"
        "<p>Only a sign-in that is under way leads here; this one is over.</p><p><a href=\"",
        services_.site.origin() + "/sign-in",
        "\">Sign in</a></p></body></html>\n"
    );
    return http::Response::html(404, in_language(html.text(), language_of(request), {}));
}

asio::awaitable<http::Response> CardHost::handle(http::Request request) {
    const auto code = code_in(request);
    if (!code) co_return nothing_here(request);
    const auto where = where_of(request);
    const auto asked_at = services_.moments.now();
    auto redeem = [&](store::Tx& tx) {
        return authn::redeem_card_code(tx, asked_at, authn_, *code, where);
    };
    const auto presentation = co_await http::write(services_.database, std::move(redeem));
    if (!presentation) co_return nothing_here(request);

    auto look = [&] {
        const auto trust = trust_();
        return authn::judge_certificate(
            request.client_certificates, *trust, ask_, services_.moments.now()
        );
    };
    const auto found = co_await http::run_on(pool_, std::move(look));
    if (!found) {
        log::info(
            "a client certificate was refused",
            {{"reason", std::string(found.error().reason)}, {"detail", found.error().detail}}
        );
    }
    const auto settled_at = services_.moments.now();
    auto settle = [&](store::Tx& tx) {
        return authn::settle_card(tx, settled_at, *presentation, found, where);
    };
    const auto settled = co_await http::write(services_.database, std::move(settle));
    if (!settled) co_return nothing_here(request);
    co_return http::Response::redirect(card_return_url(services_.site, *settled));
}

}  // namespace sallyport::api
