// A badge at a ward's workstation: the whole way at the door, without a card.

#include "edge/api/badge_routes.h"

#include "domain/authn/badge/key_card_fixture.h"
#include "edge/api/badge_ward_fixture.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

TEST_CASE("S1-34 (part): a badge is bound at the ward, locks on the way out, and opens with its PIN"
) {
    Ward ward;
    ward.give_badges();
    CHECK(ward.newest("cred.bound")["fields"]["type"] == "badge");
    ward.sign_in(ward.nora, ward.here);
    const auto before = ward.house.ask(ward.here.browser, "GET", "/api/session").json;
    CHECK(before["badge_reader"] == true);

    CHECK(ward.tap(ward.here, nora_card).json["outcome"] == "locked");
    CHECK(ward.session_status(ward.here) == 401);
    const auto watched = ward.house.ask(ward.here.browser, "GET", "/api/workstation/watch").json;
    CHECK(watched["locked"] == true);

    // Back: the page greets by first name, and asks for the PIN.
    CHECK(ward.house.page(ward.here.browser, "/badge").contains("Put your badge on the reader"));
    CHECK(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
    const auto page = ward.house.page(ward.here.browser, "/badge?next=/security");
    CHECK(page.contains("Hello, "));
    CHECK(page.contains("name=\"pin\""));
    CHECK(page.contains("value=\"/security\""));
    const auto wrong = ward.pin(ward.here, "111222");
    CHECK(wrong.status == 401);
    CHECK(wrong.json["reason"] == "badge.refused");
    CHECK(ward.session_status(ward.here) == 401);
    const auto unlocked = ward.pin(ward.here, nora_pin);
    REQUIRE_MESSAGE(unlocked.status == 200, unlocked.response.body);
    CHECK(unlocked.json["switched"] == false);
    CHECK_FALSE(unlocked.response.headers.has("clear-site-data"));
    const auto after = ward.house.ask(ward.here.browser, "GET", "/api/session").json;
    CHECK(after["login_name"] == "nora");
    CHECK(after["ends_at"] == before["ends_at"]);
    const auto event = ward.newest("session.unlocked");
    CHECK(event["factor"]["amr"] == "badge+pin");
    CHECK(event["factor"]["authenticator"] == ward.nora_badge);
    CHECK(event["where"]["workstation"] == "ward-3-a");
}

TEST_CASE("S1-34 (part): another person's tap never opens the session before, whatever PIN is typed"
) {
    Ward ward;
    ward.give_badges();
    ward.sign_in(ward.nora, ward.here);
    CHECK(ward.tap(ward.here, otto_card).json["outcome"] == "asks_for_pin");
    CHECK(ward.session_status(ward.here) == 401);
    CHECK(ward.newest("session.locked")["fields"]["cause"] == "switched");
    CHECK(ward.pin(ward.here, nora_pin).json["reason"] == "badge.refused");
    // He has no session yet: all factors, and the one before is switched from.
    CHECK(ward.pin(ward.here, otto_pin).json["reason"] == "badge.sign_in_first");
    CHECK(ward.session_status(ward.here) == 401);
    ward.sign_in(ward.otto, ward.here);
    CHECK(ward.last.response.headers.only("clear-site-data") == R"("cache", "storage")");
    CHECK(ward.house.events("session.switch_user").size() == 1);
    // She comes back by badge and PIN: hers, and what the browser kept of him goes.
    CHECK(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
    const auto back = ward.pin(ward.here, nora_pin);
    REQUIRE_MESSAGE(back.status == 200, back.response.body);
    CHECK(back.json["switched"] == true);
    CHECK(back.response.headers.only("clear-site-data") == R"("cache", "storage")");
    CHECK(ward.house.ask(ward.here.browser, "GET", "/api/session").json["login_name"] == "nora");
    CHECK(ward.house.events("session.switch_user").size() == 2);
    const auto event = ward.newest("session.switch_user");
    CHECK(event["where"]["workstation"] == "ward-3-a");
}

TEST_CASE("a tap is good once, at one workstation, for half a minute, and until the next") {
    Ward ward;
    ward.give_badges();
    ward.sign_in(ward.nora, ward.here);
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "locked");
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
    const auto tap = ward.house.ask(ward.here.browser, "GET", "/badge").json["tap"];
    CHECK(ward.pin_for(ward.there, tap, nora_pin).json["reason"] == "badge.tap_over");
    Browser elsewhere = ward.here.browser;
    elsewhere.cookies.erase(workstation_cookie);
    const auto stranger = ward.house.ask(
        elsewhere, "POST", "/api/session/unlock-with-badge", {{"tap", tap}, {"pin", nora_pin}}
    );
    CHECK(stranger.json["reason"] == "badge.no_workstation");
    REQUIRE(ward.pin_for(ward.here, tap, nora_pin).status == 200);
    CHECK(ward.pin_for(ward.here, tap, nora_pin).json["reason"] == "badge.tap_over");

    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "locked");
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
    const auto second = ward.house.ask(ward.here.browser, "GET", "/badge").json["tap"];
    REQUIRE(ward.tap(ward.here, otto_card).json["outcome"] == "asks_for_pin");
    CHECK(ward.pin_for(ward.here, second, nora_pin).json["reason"] == "badge.tap_over");
    ward.house.clock.advance(30s);
    CHECK(ward.pin(ward.here, otto_pin).json["reason"] == "badge.tap_over");
}

TEST_CASE("S1-18: ten wrong PINs suspend the badge at the door; another PIN brings it back") {
    Ward ward;
    ward.give_badges();
    ward.sign_in(ward.nora, ward.here);
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "locked");
    for (int i = 0; i < 10; ++i) {
        ward.house.clock.advance(1s);
        REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
        CHECK(ward.pin(ward.here, "111222").json["reason"] == "badge.refused");
    }
    CHECK(ward.tap(ward.here, nora_card).json["outcome"] == "unknown");
    CHECK(ward.house.page(ward.here.browser, "/badge").contains("That badge is not in use now"));
    CHECK(ward.pin(ward.here, nora_pin).json["reason"] == "badge.refused");
    CHECK(ward.newest("cred.suspended")["fields"]["authenticator_id"] == ward.nora_badge);

    ward.sign_in(ward.nora, ward.here);
    const auto path = "/api/self/authenticators/" + ward.nora_badge;
    const auto none = nlohmann::json::object();
    auto& browser = ward.here.browser;
    CHECK(
        ward.house.ask(browser, "POST", path + "/resume", none).json["reason"] ==
        "badge.pin_blocked"
    );
    const auto weak = ward.house.ask(browser, "POST", path + "/pin", {{"pin", "123456"}});
    CHECK(weak.json["reason"] == "badge.pin_guessable");
    CHECK(ward.house.ask(browser, "POST", path + "/pin", {{"pin", "603185"}}).status == 200);
    CHECK(ward.house.events("cred.pin_set").size() == 1);
    CHECK(ward.house.ask(browser, "POST", path + "/resume", none).status == 200);
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "locked");
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
    CHECK(ward.pin(ward.here, "603185").status == 200);
}

TEST_CASE("S1-18: a badge's PIN opens nothing without its tap, in whatever form it is typed") {
    Ward ward;
    ward.give_badges();
    ward.sign_in(ward.nora, ward.here);
    auto& browser = ward.here.browser;
    const auto asked = [&](const std::string& path, const nlohmann::json& body) {
        return ward.house.ask(browser, "POST", path, body).json.value("reason", "ok");
    };
    CHECK(asked("/api/step-up", {{"code", nora_pin}}) == "step_up.refused");
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "locked");

    CHECK(ward.pin(ward.here, nora_pin).json["reason"] == "badge.tap_over");
    const std::string made_up = "0193a5b0-0000-7000-8000-000000000001";
    CHECK(ward.pin_for(ward.here, made_up, nora_pin).json["reason"] == "badge.tap_over");
    // Her tap, and then she went: somebody saw the PIN, and the half minute is over.
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
    const auto tap = ward.house.ask(browser, "GET", "/badge").json["tap"].get<std::string>();
    ward.house.clock.advance(30s);
    CHECK(ward.pin_for(ward.here, tap, nora_pin).json["reason"] == "badge.tap_over");

    // As a passphrase, and beside the right one as a code.
    const nlohmann::json alone{{"login_name", "nora"}, {"passphrase", nora_pin}};
    REQUIRE(asked("/api/sign-in", alone) == "ok");
    ward.house.clock.advance(31s);
    const nlohmann::json right_code{{"code", ward.house.code(ward.nora)}};
    CHECK(asked("/api/sign-in/code", right_code) == "authn.refused");
    const nlohmann::json right{{"login_name", "nora"}, {"passphrase", ward.nora.passphrase}};
    REQUIRE(asked("/api/sign-in", right) == "ok");
    CHECK(asked("/api/sign-in/code", {{"code", nora_pin}}) == "authn.refused");
    CHECK(ward.session_status(ward.here) == 401);
}

TEST_CASE(
    "the page that waits is told of a tap, of the next one, and of none where there is no reader"
) {
    Ward ward;
    ward.give_badges();
    const auto page = [&] { return ward.house.page(ward.here.browser, "/badge"); };
    CHECK(page().contains("data-tap=\"\""));
    const auto asked = [&](Browser& browser, const std::string& seen) {
        return ward.house.ask(browser, "GET", "/api/workstation/tap?seen=" + seen).json;
    };
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
    CHECK(asked(ward.here.browser, "")["changed"] == true);
    const auto first = ward.house.ask(ward.here.browser, "GET", "/badge").json["tap"];
    REQUIRE(ward.tap(ward.here, otto_card).json["outcome"] == "asks_for_pin");
    CHECK(asked(ward.here.browser, first.get<std::string>())["changed"] == true);
    // An unknown card's tap, too: the page says that it is not known.
    REQUIRE(ward.tap(ward.here, "11223344").json["outcome"] == "unknown");
    const auto unknown = ward.house.ask(ward.here.browser, "GET", "/badge").json["tap"];
    CHECK(page().contains("data-tap=\"" + unknown.get<std::string>() + "\""));
    Browser anywhere;
    const auto nothing = asked(anywhere, "");
    CHECK(nothing["changed"] == false);
    CHECK(nothing["held"] == false);
}

TEST_CASE("where badges stay, the screen knows within a look that the badge is gone") {
    Ward ward("stay");
    ward.give_badges();
    ward.sign_in(ward.nora, ward.here);
    REQUIRE(ward.tap(ward.here, nora_card).status == 200);
    CHECK(ward.session_status(ward.here) == 200);
    CHECK(ward.take_away(ward.here).json["locked"] == 1);
    CHECK(ward.newest("badge.removed")["where"]["workstation"] == "ward-3-a");
    const auto watched = ward.house.ask(ward.here.browser, "GET", "/api/workstation/watch").json;
    CHECK(watched["locked"] == true);
    CHECK(ward.session_status(ward.here) == 401);
}

TEST_CASE("cards and readers that are nobody's are told so, and open no page") {
    Ward ward;
    ward.give_badges();
    CHECK(ward.tap(ward.here, "11223344").json["outcome"] == "unknown");
    CHECK(ward.house.page(ward.here.browser, "/badge").contains("That card is not known here"));
    CHECK(ward.pin(ward.here, nora_pin).json["reason"] == "badge.refused");
    CHECK(ward.newest("badge.tapped")["outcome"] == "refused");
    CHECK(ward.tap(ward.here, "08223344").json["reason"] == "badge.uid_random");
    CHECK(ward.tap(ward.here, "not hex").json["reason"] == "badge.uid_malformed");
    Browser stranger;
    stranger.bearer = ward.here.browser.cookies[session_cookie_name];
    for (const auto* const path : {"/api/badge-reader/tap", "/api/badge-reader/removal"}) {
        const auto asked = ward.house.ask(stranger, "POST", path, {{"uid", nora_card}});
        CHECK(asked.status == 401);
        CHECK(asked.json["reason"] == "badge_reader.unknown");
    }
    CHECK(ward.house.ask(stranger, "GET", "/api/badge-reader").status == 401);
    CHECK(ward.house.ask(ward.here.reader, "GET", "/api/badge-reader").json["mode"] == "tap");
    // A ticket is good once; a browser that is no workstation's is led to the sign-in.
    const auto again =
        ward.house.ask(stranger, "POST", "/api/badge-reader", {{"ticket", ward.ticket}});
    CHECK(again.json["reason"] == "badge_reader.ticket_refused");
    Browser home;
    CHECK(ward.house.ask(home, "GET", "/badge").status == 303);
    const auto watched = ward.house.ask(home, "GET", "/api/workstation/watch").json;
    CHECK(watched["reader"] == false);
}

TEST_CASE("S1-34 (part): a badge bound with its card's key asks for a PIN only after a signature") {
    Ward ward;
    const authn::KeyCard card;
    const auto uid = from_hex(nora_card).value();
    const auto signed_tap = [&] {
        const auto asked = ward.house.ask(ward.here.reader, "GET", "/api/badge-reader/challenge");
        REQUIRE(asked.status == 200);
        const auto challenge = from_hex(asked.json["challenge"].get<std::string>()).value();
        const auto proof = card.proof(challenge, uid);
        return nlohmann::json{
            {"uid", nora_card},
            {"challenge", to_hex(proof.challenge)},
            {"certificate", to_hex(proof.certificate)},
            {"signature", to_hex(proof.signature)},
        };
    };
    const auto put_on = [&](const nlohmann::json& body) {
        return ward.house.ask(ward.here.reader, "POST", "/api/badge-reader/tap", body);
    };
    ward.sign_in(ward.nora, ward.here);
    REQUIRE(put_on(signed_tap()).json["outcome"] == "unknown");
    const auto page = ward.house.page(ward.here.browser, "/security/badge");
    CHECK(page.contains("This card proves itself"));
    const auto tap = ward.house.ask(ward.here.browser, "GET", "/security/badge").json["tap"];
    const auto bound = ward.house.ask(
        ward.here.browser,
        "POST",
        "/api/self/authenticators/badge",
        {{"tap", tap}, {"label", "My badge"}, {"pin", nora_pin}}
    );
    REQUIRE_MESSAGE(bound.status == 201, bound.response.body);
    ward.house.clock.advance(1s);
    // Her own session is locked by the first.
    CHECK(ward.tap(ward.here, nora_card).json["outcome"] == "locked");
    CHECK(ward.tap(ward.here, nora_card).json["outcome"] == "not_proven");
    const auto waiting = ward.house.page(ward.here.browser, "/badge");
    CHECK(waiting.contains("That badge did not prove itself"));
    CHECK_FALSE(waiting.contains("name=\"pin\""));
    CHECK(ward.pin(ward.here, nora_pin).json["reason"] == "badge.refused");
    CHECK(ward.newest("badge.tapped")["reason"] == "badge.not_proven");
    ward.house.clock.advance(1s);
    const auto once = signed_tap();
    CHECK(put_on(once).json["outcome"] == "asks_for_pin");
    CHECK(put_on(once).json["outcome"] == "not_proven");
    ward.house.clock.advance(1s);
    CHECK(put_on(signed_tap()).json["outcome"] == "asks_for_pin");
    CHECK(ward.newest("badge.tapped")["fields"]["proof"] == "key");
    CHECK(ward.pin(ward.here, nora_pin).status == 200);
    auto broken = once;
    broken.erase("signature");
    CHECK(put_on(broken).json["reason"] == "badge.proof_malformed");
    Browser stranger;
    CHECK(ward.house.ask(stranger, "GET", "/api/badge-reader/challenge").status == 401);
}

TEST_CASE("S1-34 (part): another role of the bedside has badges and unlocks, for as long as it says"
) {
    Ward ward;
    ward.house.put_in_force([](nlohmann::json& policy) {
        auto nurse = policy["roles"][1];
        REQUIRE(nurse["name"] == "clinician");
        nurse["name"] = "nurse";
        nurse["unlock_seconds"] = 2 * 60 * 60;
        policy["roles"].push_back(nurse);
        policy["role_count_rationale"] = "Nurses and doctors differ in what they may do.";
    });
    auto& nils = ward.house.person(ward.clark, "nils", "nurse");
    ward.sign_in(nils, ward.here);
    const auto bound = ward.bind(ward.here, "11223344", nora_pin);
    REQUIRE_MESSAGE(bound.status == 201, bound.response.body);
    const auto back_by_badge = [&] {
        REQUIRE(ward.tap(ward.here, "11223344").status == 200);  // locks
        REQUIRE(ward.take_away(ward.here).status == 200);
        REQUIRE(ward.tap(ward.here, "11223344").status == 200);
        return ward.pin(ward.here, nora_pin);
    };
    const auto soon = back_by_badge();
    REQUIRE_MESSAGE(soon.status == 200, soon.response.body);
    CHECK(ward.house.ask(ward.here.browser, "GET", "/api/session").json["role"] == "nurse");
    ward.house.clock.advance(std::chrono::hours(2) + std::chrono::seconds(1));
    CHECK(back_by_badge().json["reason"] == "badge.sign_in_first");
}

TEST_CASE("badges are for the bedside, and readers are let in by who manages people") {
    Ward ward;
    ward.sign_in(ward.nora, ward.here);
    const auto path = "/api/workstations/" + ward.here.id + "/badge-reader";
    CHECK(ward.house.ask(ward.here.browser, "POST", path, {{"mode", "tap"}}).status == 403);
    ward.house.sign_in(ward.clark);
    ward.clark.browser.cookies[workstation_cookie] = ward.here.browser.cookies[workstation_cookie];
    REQUIRE(ward.tap(ward.here, "11223344").status == 200);
    const auto tap = ward.house.ask(ward.clark.browser, "GET", "/security/badge").json["tap"];
    const auto bound = ward.house.ask(
        ward.clark.browser,
        "POST",
        "/api/self/authenticators/badge",
        {{"tap", tap}, {"label", "My badge"}, {"pin", nora_pin}}
    );
    CHECK(bound.json["reason"] == "badge.role");
    const auto mode = ward.house.ask(ward.clark.browser, "POST", path, {{"mode", "wave"}});
    CHECK(mode.json["reason"] == "badge_reader.mode");
    const auto page = ward.house.page(ward.clark.browser, "/workstations");
    CHECK(page.contains("Badge reader: tap"));
}

}  // namespace

}  // namespace sallyport::api::test
