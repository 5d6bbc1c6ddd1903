// What a session says of how it was proven, after everything that proves anew.

#include "edge/api/badge_ward_fixture.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <ranges>
#include <string>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

struct Claims {
    std::string acr;
    nlohmann::json amr;
    std::int64_t auth_time = 0;
    std::int64_t proof_time = 0;
    std::string factor;
};

Claims claims_of(ApiTestHouse& house, Browser& browser) {
    const auto asked = house.ask(browser, "GET", "/api/session");
    REQUIRE_MESSAGE(asked.status == 200, asked.response.body);
    return {
        asked.json["acr"],
        asked.json["amr"],
        asked.json["auth_time"],
        asked.json["proof_time"],
        asked.json["factor"],
    };
}

// The newest, as its row says.
session::Session row_of(ApiTestHouse& house, const std::string& name) {
    const auto open =
        house.database().read([](store::Tx& tx) { return session::list_open(tx, std::nullopt); });
    const auto newest_first = open | std::views::reverse;
    const auto his = std::ranges::find(newest_first, name, &session::Session::login_name);
    REQUIRE(his != newest_first.end());
    return *his;
}

nlohmann::json methods(const std::vector<std::string>& names) {
    return names;
}

TEST_CASE("a step-up makes the proof fresh, and leaves how and when somebody signed in as it was") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    house.sign_in(erik);
    const auto before = claims_of(house, erik.browser);
    CHECK(before.acr == "two_factors");
    CHECK(before.amr == methods({"pwd", "otp"}));
    CHECK(before.factor == "pwd+otp");
    CHECK(before.auth_time == before.proof_time);

    house.clock.advance(10min);
    house.step_up(erik);
    const auto after = claims_of(house, erik.browser);
    CHECK(after.acr == before.acr);
    CHECK(after.amr == before.amr);
    CHECK(after.auth_time == before.auth_time);
    CHECK(after.proof_time >= before.proof_time + 600);
    CHECK(after.factor == "otp");
    // The row says the same as the copy in memory.
    const auto row = row_of(house, "erik");
    CHECK(row.signed_in_amr == "pwd+otp");
    CHECK(row.factor.amr == "otp");
}

TEST_CASE("a step-up that proves more raises the level, and a weaker one after it does not lower it"
) {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    house.add_key(erik);
    const auto before = claims_of(house, erik.browser);
    CHECK(before.acr == "two_factors");

    house.clock.advance(1min);
    REQUIRE(house.with_key(erik, "/api/step-up/key").status == 200);
    const auto raised = claims_of(house, erik.browser);
    CHECK(raised.acr != before.acr);
    CHECK(raised.amr.size() > before.amr.size());
    CHECK(std::ranges::find(raised.amr, nlohmann::json("hwk")) != raised.amr.end());
    CHECK(raised.auth_time == before.auth_time);

    house.clock.advance(1min);
    const nlohmann::json with_code{{"code", house.code(erik)}};
    REQUIRE(house.ask(erik.browser, "POST", "/api/step-up", with_code).status == 200);
    const auto after = claims_of(house, erik.browser);
    CHECK(after.acr == raised.acr);
    CHECK(after.amr == raised.amr);
    CHECK(after.factor == "otp");
}

TEST_CASE("an unlock by any one factor proves nothing more: level, methods and times stay") {
    struct WayBack {
        std::string name;
        std::string factor;
        std::function<Answer(Ward&)> attempt;
    };

    const std::vector<WayBack> ways{
        {"passphrase",
         "pwd",
         [](Ward& ward) {
             const nlohmann::json typed{{"passphrase", ward.nora.passphrase}};
             return ward.house.ask(ward.here.browser, "POST", "/api/session/unlock", typed);
         }},
        {"security key",
         "hwk+uv",
         [](Ward& ward) {
             auto& browser = ward.here.browser;
             const auto asked = ward.house.ask(browser, "GET", "/api/session/unlock/key").json;
             const auto answer = ward.nora.key->get(asked);
             return ward.house.ask(browser, "POST", "/api/session/unlock/key", answer);
         }},
        {"badge and PIN",
         "",
         [](Ward& ward) {
             REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
             return ward.pin(ward.here, nora_pin);
         }},
    };
    for (const auto& way : ways) {
        CAPTURE(way.name);
        Ward ward;
        ward.give_badges();
        ward.house.sign_in(ward.nora);
        ward.house.add_key(ward.nora);
        ward.sign_in(ward.nora, ward.here);
        ward.house.clock.advance(1min);
        const nlohmann::json with_code{{"code", ward.house.code(ward.nora)}};
        const auto stepped = ward.house.ask(ward.here.browser, "POST", "/api/step-up", with_code);
        REQUIRE_MESSAGE(stepped.status == 200, stepped.response.body);
        CHECK(ward.newest("stepup.success")["factor"]["amr"] == "otp");
        const auto before = claims_of(ward.house, ward.here.browser);
        const auto aal = ward.newest("session.rotated")["factor"]["aal"];
        ward.house.clock.advance(5min);
        REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "locked");
        const auto back = way.attempt(ward);
        REQUIRE_MESSAGE(back.status == 200, back.response.body);
        const auto after = claims_of(ward.house, ward.here.browser);
        CHECK(after.acr == before.acr);
        CHECK(after.amr == before.amr);
        CHECK(after.auth_time == before.auth_time);
        CHECK(after.proof_time == before.proof_time);
        CHECK(after.factor != before.factor);
        if (!way.factor.empty()) CHECK(after.factor == way.factor);
        CHECK(ward.newest("session.unlocked")["factor"]["amr"] == after.factor);
        CHECK(ward.newest("session.unlocked")["factor"]["aal"] == aal);

        // Somebody else's session at this workstation says what they proved.
        ward.house.clock.advance(1min);
        REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "locked");
        ward.sign_in(ward.otto, ward.here);
        const auto his = claims_of(ward.house, ward.here.browser);
        CHECK(his.amr == methods({"pwd", "otp"}));
        CHECK(his.auth_time > after.auth_time);
    }
}

TEST_CASE("a visit's session says what its sign-in proved, and when") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    house.sign_in(erik);
    const auto before = claims_of(house, erik.browser);
    house.clock.advance(2min);
    const auto parent = row_of(house, "erik");
    const auto child = house.database().write([&](store::Tx& tx) {
        return session::open_on_host(tx, house.moment(), parent, "pump-07.gate.example.org");
    });
    REQUIRE(child.has_value());
    CHECK(child->session.signed_in_amr == "pwd+otp");
    CHECK(to_micros(child->session.signed_in_at) / 1'000'000 == before.auth_time);
}

}  // namespace

}  // namespace sallyport::api::test
