// What a passphrase may be, asked at the door: as a person who enrols and signs in sees it.

#include "domain/authn/breach_check.h"
#include "domain/authn/breach_samples.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

// A patient with a ticket in hand: the passphrase will be their only factor.
Browser patient_with_ticket(ApiTestHouse& house) {
    auto& clinical = house.person("clark", "clinical_administrator");
    house.step_up(clinical);
    const auto created = house.ask(
        clinical.browser,
        "POST",
        "/api/users",
        {{"login_name", "petra.hill"}, {"display_name", "Petra Hillside"}, {"role", "patient"}}
    );
    REQUIRE_MESSAGE(created.status == 201, created.response.body);
    Browser browser;
    const auto ticket = created.json["ticket"]["code"].get<std::string>();
    REQUIRE(house.ask(browser, "POST", "/api/enrolment", {{"ticket", ticket}}).status == 200);
    return browser;
}

// "ok", or the reason that the person is given.
std::string chosen(ApiTestHouse& house, Browser& browser, const std::string& passphrase) {
    const auto answer =
        house.ask(browser, "POST", "/api/enrolment/passphrase", {{"passphrase", passphrase}});
    if (answer.status == 200) return "ok";
    CHECK(answer.status == 422);
    CHECK(answer.json.value("title", "").size() > 10);
    return answer.json.value("reason", "");
}

bool signs_in(ApiTestHouse& house, const std::string& passphrase) {
    Browser browser;
    const auto answer = house.ask(
        browser, "POST", "/api/sign-in", {{"login_name", "petra.hill"}, {"passphrase", passphrase}}
    );
    return answer.status == 200 && answer.json.contains("csrf");
}

TEST_CASE(
    "S0-26: alone, a passphrase has 15 characters, is not known from breaches or the context, and "
    "is anything else"
) {
    ApiTestHouse house;
    auto browser = patient_with_ticket(house);
    authn::BreachCheck breaches;
    breaches.use(sallyport::test::list_of({"eleven wet umbrellas"}));
    house.authn().breaches = &breaches;
    house.authn().context_words = {"marienhospital"};
    const auto verdict = [&](const std::string& typed) { return chosen(house, browser, typed); };

    // Refused, with the reason.
    CHECK(verdict("mossy kettle 4") == "passphrase.too_short");
    CHECK(verdict("eleven wet umbrellas") == "passphrase.breached");
    CHECK(verdict("passwordpassword") == "passphrase.common");
    CHECK(verdict("marienhospital 1") == "passphrase.context");
    CHECK(verdict("petra.hill hillside") == "passphrase.context");
    CHECK(verdict("Summersummer2026") == "passphrase.guessable");

    // Accepted: 15, 64 and more, spaces, Unicode; of one kind of character only.
    CHECK(verdict("mossy kettle 4u") == "ok");
    CHECK(verdict("mossykettleunder") == "ok");
    CHECK(verdict("748159263048157") == "ok");
    CHECK(verdict("the quick brown fox jumps over the lazy dog and then goes home!!") == "ok");
    CHECK(verdict("ключ под мокрой скамейкой") == "ok");
    std::string long_one = "  ";
    while (long_one.size() < 240) {
        long_one += "grüne Kähne, ";
    }
    CHECK(verdict(long_one) == "ok");

    // Pasted: nothing in the page keeps a browser from it, or cuts what is pasted.
    const auto page = house.page(browser, "/enrol/passphrase");
    REQUIRE(page.contains("type=\"password\""));
    for (const auto* const obstacle : {"maxlength", "onpaste", "pattern=", "<script"}) {
        CAPTURE(obstacle);
        CHECK_FALSE(page.contains(obstacle));
    }

    // The whole of it counts.
    REQUIRE(house.ask(browser, "POST", "/api/enrolment/totp", {{"code", ""}}).status == 200);
    CHECK(signs_in(house, long_one));
    CHECK_FALSE(signs_in(house, long_one.substr(0, long_one.size() - 1)));
    CHECK_FALSE(signs_in(house, long_one + " "));
    CHECK_FALSE(signs_in(house, long_one.substr(1)));
    CHECK_FALSE(signs_in(house, long_one.substr(0, 72)));
}

TEST_CASE("S0-85 (part), S1-69 (part): no passphrase ends by the calendar") {
    ApiTestHouse house;
    auto browser = patient_with_ticket(house);
    const std::string passphrase = "mossy kettle under stairs";
    REQUIRE(chosen(house, browser, passphrase) == "ok");
    REQUIRE(house.ask(browser, "POST", "/api/enrolment/totp", {{"code", ""}}).status == 200);
    for (const auto later : {24h * 91, 24h * 366, 24h * 3653}) {
        house.clock.advance(later);
        CHECK(signs_in(house, passphrase));
    }
}

}  // namespace

}  // namespace sallyport::api::test
