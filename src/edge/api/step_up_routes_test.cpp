#include "edge/api/step_up_routes.h"

#include "tests/support/people.h"

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

// Petra, who has but a passphrase.
struct Portal {
    ApiTestHouse house;
    TestPerson& clark = house.person("clark", "clinical_administrator");
    TestPerson& petra = house.person(clark, "petra", "patient");

    Portal() {
        petra.browser = {};
        const nlohmann::json typed{{"login_name", "petra"}, {"passphrase", petra.passphrase}};
        const auto opened = house.ask(petra.browser, "POST", "/api/sign-in", typed);
        REQUIRE_MESSAGE(opened.status == 200, opened.response.body);
        petra.browser.csrf = opened.json.value("csrf", "");
        house.clock.advance(5min + 1s);
    }

    Answer add_app() {
        return house.ask(
            petra.browser, "POST", "/api/self/authenticators/totp", {{"label", "My phone"}}
        );
    }

    Answer show_passphrase(const std::string& passphrase) {
        return house.ask(
            petra.browser, "POST", "/api/step-up/passphrase", {{"passphrase", passphrase}}
        );
    }
};

TEST_CASE("S0-37 (part): whoever has one factor shows it again, on a page that asks for it") {
    Portal portal;
    auto& house = portal.house;
    CHECK(portal.add_app().json["reason"] == "step_up_required");
    const auto page = house.page(portal.petra.browser, "/step-up");
    CHECK(page.contains("/api/step-up/passphrase"));
    CHECK_FALSE(page.contains("name=\"code\""));

    const auto wrong = portal.show_passphrase("not what I chose then");
    CHECK(wrong.json["reason"] == "step_up.refused");
    CHECK(house.events("stepup.failure").front().leaf_json.contains("passphrase.wrong"));
    CHECK(portal.add_app().json["reason"] == "step_up_required");
    house.clock.advance(5s);
    const auto right = portal.show_passphrase(portal.petra.passphrase);
    CHECK_MESSAGE(right.status == 200, right.response.body);
    CHECK(house.events("stepup.success").front().amr == "pwd");
    CHECK(portal.add_app().status == 201);
}

TEST_CASE("S0-25 (part): once a patient has a second factor, it and not the passphrase confirms") {
    Portal portal;
    auto& house = portal.house;
    REQUIRE(portal.show_passphrase(portal.petra.passphrase).status == 200);
    const auto made = portal.add_app();
    REQUIRE(made.status == 201);
    const auto seed =
        sallyport::test::seed_typed_in(made.json["totp"]["secret"].get<std::string>());
    portal.petra.seed.assign(seed.expose().begin(), seed.expose().end());
    portal.petra.step = 0;
    const auto path = "/api/self/authenticators/" + made.json["id"].get<std::string>() + "/confirm";
    REQUIRE(
        house.ask(
                 portal.petra.browser, "POST", path, {{"code", house.code(portal.petra)}}
        ).status == 200
    );

    house.clock.advance(5min + 1s);
    const auto page = house.page(portal.petra.browser, "/step-up");
    CHECK(page.contains("name=\"code\""));
    CHECK_FALSE(page.contains("/api/step-up/passphrase"));
    CHECK(portal.show_passphrase(portal.petra.passphrase).json["reason"] == "step_up.refused");
    house.step_up(portal.petra);
    CHECK(portal.add_app().status == 201);
}

}  // namespace

}  // namespace sallyport::api::test
