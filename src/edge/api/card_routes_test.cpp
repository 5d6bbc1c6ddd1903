// Smart cards at the door: the sign-in host, the card host, and back.

#include "tests/support/browser_key.h"

#include "domain/session/sender_key.h"
#include "edge/api/card_ward_fixture.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;
using sallyport::test::Issued;

TEST_CASE(
    "S1-22, S0-63 (part): a card signs in alone, by way of the card host and in one's own browser"
) {
    CardWard ward;
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    Browser browser;
    const auto before = ward.house.events("authn.success").size();
    const auto done = ward.present(browser, "/api/sign-in/card", card, {{"next", "/security"}});
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
    CHECK(done.json["login_name"] == "erik");
    const auto session = ward.house.ask(browser, "GET", "/api/session").json;
    CHECK(session["factor"] == "sc+pin");
    const auto records = ward.house.events("authn.success");
    CHECK(records.size() == before + 1);
    const auto success = nlohmann::json::parse(records.front().leaf_json);
    CHECK(success["factor"]["amr"] == "sc+pin");
    CHECK(success["where"]["channel"] == "web");
    CHECK(success["factor"]["phishing_resistant"] == true);
    CHECK(success["factor"]["aal"] == 3);
}

TEST_CASE("S1-22 (part): a stolen way back is worth nothing in another browser, nor a second time"
) {
    CardWard ward;
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    Browser browser;
    Browser thief;
    REQUIRE(ward.house.ask(thief, "POST", "/api/sign-in/card").status == 200);
    const auto stolen = ward.return_target(browser, "/api/sign-in/card", card);
    CHECK(ward.house.ask(thief, "GET", stolen).status == 410);
    CHECK(ward.last_failure() == "card.other_browser");
    CHECK(ward.house.ask(browser, "GET", stolen).status == 410);
    CHECK(ward.house.ask(thief, "GET", "/api/session").status == 401);

    const auto own = ward.return_target(browser, "/api/sign-in/card", card);
    REQUIRE(ward.house.ask(browser, "GET", own).status == 200);
    CHECK(ward.house.ask(browser, "GET", own).status == 410);
    Browser bare;
    const auto late = ward.return_target(browser, "/api/sign-in/card", card);
    CHECK(ward.house.ask(bare, "GET", late).json["reason"] == "card.over");
    ward.house.clock.advance(30s);
    CHECK(ward.house.ask(browser, "GET", late).status == 410);
}

TEST_CASE("S1-22, S0-64 (part): a revoked card, and one that nobody bound, open nothing") {
    CardWard ward;
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    Browser browser;
    const auto refused = [&](const Issued& shown) {
        const auto answer = ward.present(browser, "/api/sign-in/card", shown);
        CHECK(answer.status == 403);
        CHECK(answer.json["reason"] == "card.not_accepted");
        CHECK(ward.house.ask(browser, "GET", "/api/session").status == 401);
        return ward.last_failure();
    };
    CHECK(refused(ward.card("1002")) == "card.unknown");
    const auto stranger =
        sallyport::test::self_signed(ward.at_present(sallyport::test::root_plan()));
    CHECK(
        refused(sallyport::test::issue(ward.at_present(sallyport::test::person_plan()), stranger)
        ) == "certificate.untrusted"
    );
    ward.list({"1001"});
    CHECK(refused(card) == "certificate.revoked");
    ward.trust->crls.clear();
    CHECK(refused(card) == "certificate.revocation_unknown");
}

TEST_CASE("the key that the browser made for its sign-in is there when it comes back") {
    CardWard ward;
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    const sallyport::test::BrowserKey key;
    const nlohmann::json body{{"sender_key", to_base64url(key.spki())}};
    const auto key_of_newest = [&] {
        const auto event =
            nlohmann::json::parse(ward.house.events("session.created").front().leaf_json);
        const auto id = SessionId::parse(event["session"].get<std::string>()).value();
        return ward.house.database().read([&](store::Tx& tx) {
            return session::sender_key_of(tx, id);
        });
    };
    Browser browser;
    REQUIRE(ward.present(browser, "/api/sign-in/card", card, body).status == 200);
    CHECK(key_of_newest() == key.spki());
    REQUIRE(ward.present(browser, "/api/sign-in/card", card).status == 200);
    CHECK_FALSE(key_of_newest().has_value());
    const auto malformed =
        ward.house.ask(browser, "POST", "/api/sign-in/card", {{"sender_key", "no key"}});
    CHECK(malformed.json["reason"] == "sender_key.malformed");
}

TEST_CASE("the card host answers a code that is good, and nothing else") {
    CardWard ward;
    const auto card = ward.card("1001");
    const auto status =
        [&](const std::string& method, const std::string& path, const std::string& query) {
            return ward.at_card_host(method, path, query, card).status;
        };
    Browser browser;
    const auto asked = ward.house.ask(browser, "POST", "/api/sign-in/card").json["location"];
    const auto there = asked.get<std::string>();
    const auto query = there.substr(there.find('?') + 1);
    CHECK(status("POST", "/card", query) == 404);
    CHECK(status("GET", "/", query) == 404);
    CHECK(status("GET", "/api/session", "") == 404);
    CHECK(status("GET", "/card", "") == 404);
    CHECK(status("GET", "/card", "code=" + std::string(43, 'A')) == 404);
    CHECK(status("GET", "/card", "code=" + std::string(65, 'A')) == 404);
    CHECK(status("GET", "/card", query + "&" + query) == 404);
    CHECK(status("GET", "/card", query) == 303);
    CHECK(status("GET", "/card", query) == 404);
}

TEST_CASE("a card is the second form after a passphrase, and shown again for step-up") {
    CardWard ward;
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    ward.trust->pin_asked = false;
    Browser browser;
    CHECK(ward.present(browser, "/api/sign-in/card", card).json["reason"] == "authn.too_weak");
    CHECK(ward.house.ask(browser, "POST", "/api/sign-in/card/second").status == 410);
    const nlohmann::json first{
        {"login_name", ward.erik.name}, {"passphrase", ward.erik.passphrase}
    };
    REQUIRE(ward.house.ask(browser, "POST", "/api/sign-in", first).status == 200);
    const auto done = ward.present(browser, "/api/sign-in/card/second", card);
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
    CHECK(ward.house.ask(browser, "GET", "/api/session").json["factor"] == "pwd+sc");

    ward.house.clock.advance(6min);
    const nlohmann::json label{{"label", "Another"}};
    const std::string add = "/api/self/authenticators/certificate";
    CHECK(ward.house.ask(browser, "POST", add, label).json["reason"] == "step_up_required");
    const auto before = ward.house.events("stepup.success").size();
    const auto shown = ward.present(browser, "/api/step-up/card", card);
    REQUIRE_MESSAGE(shown.status == 200, shown.response.body);
    CHECK(ward.house.events("stepup.success").size() == before + 1);
    CHECK(ward.house.ask(browser, "POST", add, label).status == 200);
}

TEST_CASE("one certificate is one person's: the second who shows it is refused") {
    CardWard ward;
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    auto& otto = ward.house.person("otto", "auditor");
    ward.house.step_up(otto);
    const auto refused = ward.present(
        otto.browser, "/api/self/authenticators/certificate", card, {{"label", "Mine"}}
    );
    CHECK(refused.status == 409);
    CHECK(refused.json["reason"] == "card.bound");
    CHECK(ward.house.events("cred.bound").front().account_name == "otto");  // his other factors
}

TEST_CASE("pages offer the card where there is a card host, and only there") {
    CardWard ward;
    const auto offered = [&] {
        const Browser nobody;
        const auto& own = ward.erik.browser;
        const auto has = [](const std::string& page, std::string_view action) {
            return page.contains("action=\"" + std::string(action) + "\"");
        };
        return std::vector{
            has(ward.house.page(nobody, "/sign-in"), "/api/sign-in/card"),
            has(ward.house.page(nobody, "/sign-in/code"), "/api/sign-in/card/second"),
            has(ward.house.page(nobody, "/workstation"), "/api/workstation/recognise"),
            has(ward.house.page(own, "/security"), "/api/self/authenticators/certificate"),
            has(ward.house.page(own, "/step-up"), "/api/step-up/card"),
        };
    };
    CHECK(offered() == std::vector{true, true, true, true, false});
    ward.bind(ward.erik, ward.card("1001"));
    CHECK(offered() == std::vector{true, true, true, true, true});
    ward.house.services().site.card_origin.clear();
    CHECK(offered() == std::vector(5, false));
    Browser browser;
    const auto refused = ward.house.ask(browser, "POST", "/api/sign-in/card");
    CHECK(refused.status == 404);
    CHECK(refused.json["reason"] == "card.not_configured");
}

}  // namespace

}  // namespace sallyport::api::test
