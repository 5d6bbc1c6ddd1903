#include "edge/api/card_handoff.h"

#include "base/core/bytes.h"
#include "domain/session/sender_key.h"
#include "edge/api/answers.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/signed_in.h"
#include "edge/http/set_cookie.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace sallyport::api {

namespace {

std::string_view return_path(authn::CardPurpose purpose) {
    switch (purpose) {
        case authn::CardPurpose::sign_in:
            return "/sign-in/card";
        case authn::CardPurpose::second_factor:
            return "/sign-in/card/second";
        case authn::CardPurpose::step_up:
            return "/step-up/card";
        case authn::CardPurpose::enrolment:
            return "/security/card";
        case authn::CardPurpose::workstation:
            return "/workstations/certificate";
        case authn::CardPurpose::recognition:
            return "/workstation/recognised";
    }
    return "/";
}

}  // namespace

Result<void> require_card_host(const Site& site) {
    if (site.card_origin.empty()) return refuse(Refusal::not_found, "card.not_configured");
    return {};
}

Reply to_card_host(const Site& site, const authn::CardAsked& asked) {
    auto location =
        fmt::format("{}{}?code={}", site.card_origin, card_path, to_base64url(asked.code.expose()));
    auto reply = done({{"location", location}}, location);
    reply.cookies.push_back(flow_cookie_header(card_cookie, asked.token));
    return reply;
}

Result<Reply> to_card_host(const Site& site, const authn::CardAsked& asked, const Input& input) {
    SP_TRY(const auto sender_key, sender_key_in(input));
    auto reply = to_card_host(site, asked);
    reply.cookies.push_back(
        sender_key
            ? http::host_cookie(card_sender_cookie, to_base64url(*sender_key), http::SameSite::lax)
            : http::expired_host_cookie(card_sender_cookie)
    );
    return reply;
}

Result<std::optional<Bytes>> sender_key_kept(const http::Request& request) {
    const auto text = http::cookie(request, card_sender_cookie);
    if (!text || text->empty()) return std::nullopt;
    SP_TRY(auto spki, session::parse_sender_key(*text));
    return spki;
}

std::string card_return_url(const Site& site, const authn::CardSettled& settled) {
    return fmt::format(
        "{}{}?code={}&next={}",
        site.origin(),
        return_path(settled.purpose),
        to_base64url(settled.code.expose()),
        http::percent_encoded(safe_next(settled.next))
    );
}

Result<authn::CardAnswer> card_answer_in(const Call& call) {
    auto token = flow_token(call.request, card_cookie);
    auto code = from_base64url(call.input.text("code"));
    if (!token || !code) return refuse(Refusal::expired, "card.over");
    return authn::CardAnswer{.token = *std::move(token), .code = *std::move(code)};
}

std::string card_cookie_ended() {
    return http::expired_host_cookie(card_cookie);
}

Html card_form(const Site& site, std::string_view action, const Text& button, const Html& inside) {
    if (site.card_origin.empty()) return {};
    return Html(
        "<form method=\"post\" action=\"",
        action,
        "\">",
        inside,
        "<p><small>Put your card into the reader first. Your browser asks which certificate, and "
        "for the card's PIN.</small></p><button>",
        button,
        "</button></form>"
    );
}

}  // namespace sallyport::api
