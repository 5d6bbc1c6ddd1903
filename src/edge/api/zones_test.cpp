// Zones and their timers at the door: what a policy with zones does to the next session that is
// opened from each of them.

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

void name_zones(nlohmann::json& policy) {
    policy["zones"] = {
        {{"name", "consult-2"}, {"kind", "consult_room"}, {"networks", {"10.2.0.0/16"}}},
        {{"name", "ward-3"}, {"kind", "ward"}, {"networks", {"10.3.0.0/16"}}},
    };
}

TEST_CASE("S0-55: a session gets the strictest timers of its zone, and its event says which") {
    ApiTestHouse house;
    auto& clark = house.person("clark", "clinical_administrator");
    auto& nora = house.person(clark, "nora", "clinician");
    house.put_in_force(name_zones);

    struct Place {
        std::string peer, zone, profile;
        std::chrono::seconds idle;
    };

    for (const auto& place :
         {Place{"10.2.0.5", "consult-2", "clinician/consult_room", 60min},
          Place{"10.3.0.5", "ward-3", "clinician/ward", 30min},
          Place{"192.0.2.7", "outside", "clinician/remote", 15min}}) {
        CAPTURE(place.peer);
        nora.browser = {};
        nora.browser.peer = place.peer;
        house.sign_in(nora);
        const auto session = house.ask(nora.browser, "GET", "/api/session");
        CHECK(session.json.value("idle_seconds", 0) == place.idle.count());
        const auto leaf = nlohmann::json::parse(house.events("session.created").front().leaf_json);
        CHECK(leaf["where"]["zone"] == place.zone);
        CHECK(leaf["fields"]["timer_profile"] == place.profile);
        CHECK(leaf["fields"]["idle_limit_s"] == place.idle.count());
        CHECK(leaf["fields"]["absolute_limit_s"] == 28800);

        house.clock.advance(place.idle - 1s);
        CHECK(house.ask(nora.browser, "GET", "/").status == 200);
        house.clock.advance(place.idle);
        CHECK(house.ask(nora.browser, "GET", "/").status == 401);
    }
}

TEST_CASE("S0-56 (part): a short idle time in consult rooms comes back with a warning") {
    ApiTestHouse house;
    const auto proposed = house.put_in_force([](nlohmann::json& policy) {
        name_zones(policy);
        REQUIRE(policy["timer_profiles"][0]["zone"] == "consult_room");
        policy["timer_profiles"][0]["idle_seconds"] = 900;
    });
    REQUIRE(proposed.json["warnings"].size() == 1);
    const auto& warning = proposed.json["warnings"][0];
    CHECK(warning["member"] == "timer_profiles.clinician/consult_room.idle_seconds");
    CHECK(warning["text"].get<std::string>().find("rationale") != std::string::npos);
}

TEST_CASE("S0-46 (part): a policy is not proposed without a reason for each role's timers") {
    ApiTestHouse house;
    auto& sam = house.person("sam", "security_officer");
    auto wanted = house.ask(sam.browser, "GET", "/api/policy").json;
    wanted["roles"][1].erase("timer_rationale");
    const auto refused = house.ask(
        sam.browser,
        "POST",
        "/api/policy/proposals",
        {{"policy", wanted}, {"rationale", "without a reason"}}
    );
    CHECK(refused.status == 422);
    CHECK(refused.json.value("reason", "") == "policy.timer_rationale");
    // Next to the value, where the policy is read.
    const auto page = house.page(sam.browser, "/policy");
    CHECK(page.find("A consultation with its notes takes most of an hour") != std::string::npos);
    CHECK(page.find("No zone is named") != std::string::npos);
}

}  // namespace

}  // namespace sallyport::api::test
