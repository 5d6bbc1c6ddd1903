#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::api::test {

namespace {

using nlohmann::json;

const std::string query = "host=pump-07.gate.example.net&nonce=" + std::string(43, 'A');
const std::string pump_return = "https://pump-07.gate.example.net/.sallyport/handoff?code=";

// An engineer who has read the notice, and a pump.
struct Gatehouse {
    Gatehouse() {
        house.register_device("pump-07");
        REQUIRE(house.ask(erik.browser, "POST", "/api/notice").status == 200);
    }

    Answer show(Browser& browser, const json& proof) {
        return house.ask(browser, "POST", "/api/handoff?" + query, proof);
    }

    // A session that was opened without a key, as by a browser without scripts.
    Browser without_key() {
        Browser browser;
        house.clock.advance(std::chrono::minutes(1));
        const auto first = house.ask(
            browser,
            "POST",
            "/api/sign-in",
            {{"login_name", "erik"}, {"passphrase", erik.passphrase}}
        );
        REQUIRE(first.status == 200);
        const auto second =
            house.ask(browser, "POST", "/api/sign-in/code", {{"code", house.code(erik)}});
        REQUIRE_MESSAGE(second.status == 200, second.response.body);
        return browser;
    }

    ApiTestHouse house;
    TestPerson& erik = house.person("erik", "engineer");
};

std::string reason_of(const Answer& answer) {
    return answer.json.is_object() ? answer.json.value("reason", "") : "";
}

TEST_CASE("S2-23 (part): the browser that signed in goes on to the device, once for each challenge"
) {
    Gatehouse gate;
    const auto proof = gate.house.handoff_proof(gate.erik.browser, query);
    const auto let = gate.show(gate.erik.browser, proof);
    REQUIRE_MESSAGE(let.status == 200, let.response.body);
    CHECK(let.json["address"].get<std::string>().starts_with(pump_return));
    const auto again = gate.show(gate.erik.browser, proof);
    CHECK(again.status == 403);
    CHECK(reason_of(again) == "handoff.challenge");
}

TEST_CASE("S2-23 (part): a copied cookie opens no device, whatever else was seen and copied") {
    Gatehouse gate;
    auto thief = gate.erik.browser;
    thief.peer = "203.0.113.9";
    thief.sender = std::make_shared<sallyport::test::Sender>("https://sallyport.example.org");

    // A key of the thief's own, over a challenge of the thief's own.
    const auto own = gate.show(thief, gate.house.handoff_proof(thief, query));
    CHECK(own.status == 403);
    CHECK(reason_of(own) == "handoff.signature");
    // A proof that was seen on its way.
    const auto seen = gate.house.handoff_proof(gate.erik.browser, query);
    REQUIRE(gate.show(gate.erik.browser, seen).status == 200);
    CHECK(reason_of(gate.show(thief, seen)) == "handoff.challenge");
    // None at all.
    CHECK(reason_of(gate.show(thief, json::object())) == "handoff.proof_malformed");

    const auto refused = gate.house.events("handoff.refused");
    REQUIRE(refused.size() == 2);
    for (const auto& event : refused) {
        CHECK(event.account_name == "erik");
        CHECK(event.source == "203.0.113.9");
    }
    CHECK(gate.house.events("handoff.issued").size() == 1);
}

TEST_CASE("S2-23 (part): a fresh proof of a factor moves the token and leaves the key") {
    Gatehouse gate;
    gate.house.step_up(gate.erik);
    CHECK(
        gate.show(gate.erik.browser, gate.house.handoff_proof(gate.erik.browser, query)).status ==
        200
    );
    auto thief = gate.erik.browser;
    thief.sender = std::make_shared<sallyport::test::Sender>("https://sallyport.example.org");
    gate.house.clock.advance(std::chrono::minutes(1));
    const auto stepped = gate.house.ask(
        thief,
        "POST",
        "/api/step-up",
        {{"code", gate.house.code(gate.erik)}, {"sender_key", thief.sender->key_text()}}
    );
    REQUIRE(stepped.status == 200);
    CHECK(
        reason_of(gate.show(thief, gate.house.handoff_proof(thief, query))) == "handoff.signature"
    );
}

TEST_CASE("a browser without scripts is signed in, opens no device and is told why") {
    Gatehouse gate;
    auto plain = gate.without_key();
    CHECK(gate.house.ask(plain, "GET", "/api/session").status == 200);
    const auto refused = gate.house.ask(plain, "GET", "/handoff?" + query);
    CHECK(refused.status == 403);
    CHECK(reason_of(refused) == "handoff.no_sender_key");
    CHECK(gate.house.page(plain, "/").contains("This sign-in opens no device"));
    CHECK(refused.json["detail"].get<std::string>().contains("scripts allowed"));
    CHECK_FALSE(gate.house.page(gate.erik.browser, "/").contains("This sign-in opens no device"));
}

TEST_CASE("a key that can't be read opens no session") {
    Gatehouse gate;
    for (const auto& wrong : {std::string("A"), std::string(122, 'A'), std::string(122, '=')}) {
        CAPTURE(wrong);
        Browser browser;
        gate.house.clock.advance(std::chrono::minutes(1));
        const json names{{"login_name", "erik"}, {"passphrase", gate.erik.passphrase}};
        auto with_key = names;
        with_key["sender_key"] = wrong;
        CHECK(
            reason_of(gate.house.ask(browser, "POST", "/api/sign-in", with_key)) ==
            "sender_key.malformed"
        );
        REQUIRE(gate.house.ask(browser, "POST", "/api/sign-in", names).status == 200);
        const auto code = gate.house.code(gate.erik);
        const auto answer = gate.house.ask(
            browser, "POST", "/api/sign-in/code", {{"code", code}, {"sender_key", wrong}}
        );
        CHECK(reason_of(answer) == "sender_key.malformed");
        CHECK(gate.house.ask(browser, "GET", "/api/session").status == 401);
    }
}

TEST_CASE("the page signs by itself, and asks for the notice and for a device that there is") {
    Gatehouse gate;
    const auto page = gate.house.page(gate.erik.browser, "/handoff?" + query);
    CHECK(page.contains("data-challenge=\""));
    CHECK(page.contains("data-host=\"pump-07.gate.example.net\""));
    CHECK(page.contains("data-key=\"" + gate.erik.browser.sender->key_text() + "\""));
    CHECK(page.contains("<noscript>"));
    for (const auto* const host :
         {"pump-08.gate.example.net", "evil.example", "sallyport.example.org"}) {
        const auto other = "host=" + std::string(host) + "&nonce=" + std::string(43, 'A');
        CHECK(gate.house.ask(gate.erik.browser, "GET", "/handoff?" + other).status == 404);
        const auto posted = gate.house.ask(gate.erik.browser, "POST", "/api/handoff?" + other);
        CHECK(posted.status == 404);
    }

    auto& nora = gate.house.person("nora", "engineer");
    const auto unread = gate.house.ask(nora.browser, "GET", "/handoff?" + query);
    CHECK(unread.response.headers.only("location").value_or("").starts_with("/notice?next="));
    const json proof{{"challenge", std::string(64, 'A')}, {"signature", std::string(86, 'A')}};
    CHECK(reason_of(gate.show(nora.browser, proof)) == "notice.not_accepted");
}

}  // namespace

}  // namespace sallyport::api::test
