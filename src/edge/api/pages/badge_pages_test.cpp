#include "edge/api/pages/badge_pages.h"

#include "edge/api/card_handoff.h"
#include "edge/api/pages/html.h"
#include "edge/api/paging.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace sallyport::api {

namespace {

// What stands between two tags in English although its German is known.
std::vector<std::string> english_left(std::string_view page) {
    std::vector<std::string> left;
    for (auto at = page.find('>'); at != page.npos; at = page.find('>', at + 1)) {
        auto text = page.substr(at + 1, page.find('<', at) - at - 1);
        while (text.starts_with(' ') || text.starts_with('\n')) {
            text.remove_prefix(1);
        }
        while (text.ends_with(' ') || text.ends_with('\n')) {
            text.remove_suffix(1);
        }
        const auto known = german(text);
        if (known && *known != text) left.emplace_back(text);
    }
    return left;
}

std::string in_german(std::string_view page) {
    return in_language(page, Language::german, "%2F");
}

authn::BadgeTap tap_of(std::optional<authn::TappedBadge> badge) {
    return {
        .id = authn::BadgeTapId::parse("0193b3a4-5c6d-7e8f-9a0b-1c2d3e4f5061").value(),
        .workstation =
            directory::WorkstationId::parse("0193b3a4-5c6d-7e8f-9a0b-1c2d3e4f5062").value(),
        .uid_mac = {},
        .card_key = {},
        .badge = std::move(badge),
        .ends_at = Time(),
    };
}

authn::TappedBadge badge(bool proven, bool usable) {
    return {
        .id = AuthenticatorId::parse("0193b3a4-5c6d-7e8f-9a0b-1c2d3e4f5063").value(),
        .account = AccountId::parse("0193b3a4-5c6d-7e8f-9a0b-1c2d3e4f5064").value(),
        .role = "clinician",
        .first_name = "Paula",
        .proven = proven,
        .usable = usable,
    };
}

std::string german_badge_page(const authn::BadgeTap* tap, bool wrong_pin = false) {
    return in_german(
        badge_page({.tap = tap, .form_token = "token", .next = "/", .wrong_pin = wrong_pin})
    );
}

TEST_CASE("a locked workstation speaks German, whatever lies on its reader") {
    const auto unknown = tap_of(std::nullopt);
    const auto unproven = tap_of(badge(false, false));
    const auto suspended = tap_of(badge(true, false));
    const auto usable = tap_of(badge(true, true));
    CHECK(german_badge_page(nullptr).contains(">Legen Sie Ihren Ausweis auf den Leser.<"));
    CHECK(german_badge_page(&unknown).contains(">Diese Karte ist hier nicht bekannt.<"));
    CHECK(german_badge_page(&unproven).contains(">Dieser Ausweis hat sich nicht ausgewiesen."));
    CHECK(german_badge_page(&suspended).contains(">Dieser Ausweis gilt im Moment nicht."));
    CHECK(german_badge_page(&usable).contains(">PIN Ihres Ausweises<"));
    CHECK(german_badge_page(&usable).contains("Guten Tag, Paula"));
    for (const auto* tap : {static_cast<const authn::BadgeTap*>(nullptr), &unknown, &usable}) {
        CHECK(english_left(german_badge_page(tap, true)) == std::vector<std::string>());
    }
}

TEST_CASE("buttons and links that a page is given are said in German") {
    Site site;
    site.card_origin = "https://card.example.org:8444";
    const auto form = card_form(site, "/api/sign-in/card", "Sign in with a smart card", Html());
    CHECK(in_german(form.text()).contains("<button>Mit Chipkarte anmelden</button>"));
    CHECK(english_left(in_german(form.text())) == std::vector<std::string>());
    const auto link = next_page_link("/incidents", Input(), {}, "id", "Older reports");
    CHECK(in_german(link.text()).contains(">Ältere Meldungen</a>"));
}

}  // namespace

}  // namespace sallyport::api
