// What signing in and working costs people, in prompts, and how much of it resists phishing: asked
// of the page that reports it.

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

TEST_CASE("S1-17 (part): the share of sign-ins that resist phishing is reported") {
    ApiTestHouse house(policy::default_policy());
    auto& clark = house.person("clark", "clinical_administrator");
    auto& otto = house.person("otto", "auditor");
    auto& nora = house.person(clark, "nora", "clinician");
    house.sign_in(nora);
    house.add_key(nora);
    house.sign_in(nora);
    const auto told = house.ask(otto.browser, "GET", "/api/statistics/sign-ins?days=1").json;
    const auto of = [&](const std::string& role) {
        return *std::ranges::find_if(told["roles"], [&](const nlohmann::json& each) {
            return each["role"] == role;
        });
    };
    // The enrolment, an app's code, a key.
    CHECK(of("clinician")["sign_ins"] == 3);
    CHECK(of("clinician")["phishing_resistant"] == 1);
    CHECK(of("auditor")["sign_ins"] == of("auditor")["phishing_resistant"]);
}

TEST_CASE(
    "S1-36: eight hours of reading ask nothing more; an export asks once, and so does giving a "
    "role; all is counted"
) {
    ApiTestHouse house(policy::default_policy());
    auto& clark = house.person("clark", "clinical_administrator");
    auto& otto = house.person("otto", "auditor");
    auto& nora = house.person(clark, "nora", "clinician");
    house.clock.advance(60s);
    house.sign_in(nora);
    // To the last second of the eight hours that a clinician's session has.
    std::chrono::seconds left = 8h - 1s;
    while (left > 0s) {
        const auto step = std::min<std::chrono::seconds>(left, 30min);
        house.clock.advance(step);
        left -= step;
        CHECK(house.ask(nora.browser, "GET", "/").status == 200);
    }
    const auto prompts = [&] { return house.events("stepup.required").size(); };
    CHECK(prompts() == 0);

    house.sign_in(otto);
    house.clock.advance(6min);
    const nlohmann::json what{{"type", "user."}};
    CHECK(house.ask(otto.browser, "POST", "/api/audit/export", what).status == 401);
    CHECK(prompts() == 1);
    house.step_up(otto);
    for (int i = 0; i < 3; ++i) {
        CHECK(house.ask(otto.browser, "POST", "/api/audit/export", what).status == 200);
    }
    CHECK(prompts() == 1);

    house.sign_in(clark);
    house.clock.advance(6min);
    const nlohmann::json more{{"role", "clinical_administrator"}};
    const auto elevate = [&] {
        return house.ask(clark.browser, "POST", "/api/users/nora/role", more).status;
    };
    CHECK(elevate() == 401);
    CHECK(prompts() == 2);
    house.step_up(clark);
    CHECK(elevate() == 200);
    CHECK(prompts() == 2);

    house.sign_in(otto);
    const auto told = house.ask(otto.browser, "GET", "/api/statistics/sign-ins").json;
    for (const auto& role : told["roles"]) {
        CAPTURE(role.dump());
        const bool asked = role["role"] == "auditor" || role["role"] == "clinical_administrator";
        CHECK(role["prompts"] == (asked ? 1 : 0));
        CHECK(role["shifts"] >= 1);
    }
    for (const auto* days : {"0", "367", "x", "1.5"}) {
        CAPTURE(days);
        const auto path = std::string("/api/statistics/sign-ins?days=") + days;
        CHECK(house.ask(otto.browser, "GET", path).json["reason"] == "statistics.days");
    }
}

}  // namespace

}  // namespace sallyport::api::test
