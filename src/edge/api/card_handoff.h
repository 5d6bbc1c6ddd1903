#pragma once
// The way to the card host and back, as routes and pages see it (domain/authn/certificate/
// card_presentation.h has the rules). The card host has no cookie of ours: what is asked there and
// seen there travels as codes in addresses, each good once, and back only in this browser.

#include "domain/authn/certificate/card_presentation.h"
#include "edge/api/pages/html.h"
#include "edge/api/route.h"
#include "edge/api/services.h"

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::api {

inline constexpr std::string_view card_cookie = "__Host-sallyport-card";
// What the page's script made for the sign-in (session/sender_key.h), while the browser is away.
inline constexpr std::string_view card_sender_cookie = "__Host-sallyport-card-sender";
inline constexpr std::string_view card_path = "/card";  // the only one of the card host

// Refuses not_found "card.not_configured".
[[nodiscard]] Result<void> require_card_host(const Site& site);

// Sends the browser there: by the address to a program, by a redirect to whoever sent a form.
[[nodiscard]] Reply to_card_host(const Site& site, const authn::CardAsked& asked);

// The same, for a sign-in. Refuses invalid "sender_key.malformed".
[[nodiscard]] Result<Reply> to_card_host(
    const Site& site, const authn::CardAsked& asked, const Input& input
);
[[nodiscard]] Result<std::optional<Bytes>> sender_key_kept(const http::Request& request);

// Where the card host sends it back to.
[[nodiscard]] std::string card_return_url(const Site& site, const authn::CardSettled& settled);

// What it came back with. Refuses expired "card.over" without cookie or code.
[[nodiscard]] Result<authn::CardAnswer> card_answer_in(const Call& call);

// What ends the browser's half.
[[nodiscard]] std::string card_cookie_ended();

// A form that leads to the card host; nothing where there is none. `inside`: its hidden members.
[[nodiscard]] Html card_form(
    const Site& site, std::string_view action, const Text& button, const Html& inside
);

}  // namespace sallyport::api
