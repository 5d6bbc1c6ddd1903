#include "edge/api/pages/handoff_page.h"

#include "edge/api/pages/layout.h"

namespace sallyport::api {

std::string handoff_page(const HandoffOffer& offer, const session::Session& session) {
    // Fetched at once, rather than each when the one before it names it.
    const Html head(
        "<link rel=\"modulepreload\" href=\"/assets/handoff.js\">"
        "<link rel=\"modulepreload\" href=\"/assets/sender_key.js\">"
        "<link rel=\"modulepreload\" href=\"/assets/browser_keys.js\">"
        "<link rel=\"modulepreload\" href=\"/assets/wire.js\">"
    );
    const Html body(
        "<form hidden id=\"handoff\" method=\"post\" action=\"",
        offer.action,
        "\" data-challenge=\"",
        to_base64url(offer.challenge),
        "\" data-host=\"",
        offer.target.host,
        "\" data-nonce=\"",
        to_base64url(offer.target.nonce_digest),
        "\" data-key=\"",
        to_base64url(offer.sender_key),
        "\">",
        csrf_field(session),
        "</form><p role=\"status\" id=\"status\">One moment.</p><p id=\"again\" hidden><a href=\"",
        offer.address,
        "\">Try again</a> or go <a href=\"/\">back to the start</a></p><noscript><p>Devices open "
        "in a browser that runs scripts: it signs with a key of its own, so that nobody else can "
        "use your sign-in. Allow scripts for this page, then sign in again.</p>"
        "<p><a href=\"/\">Back to the start</a></p></noscript>"
        "<script type=\"module\" src=\"/assets/handoff.js\"></script>"
    );
    return page(Html("Opening ", offer.target.host), body, nullptr, nullptr, head);
}

}  // namespace sallyport::api
