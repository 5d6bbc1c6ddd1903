// That nobody makes a role of one factor that shouldn't be one: at the door, where an officer
// proposes a policy.

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

TEST_CASE(
    "S0-05: a role that changes devices or reads others' data is not saved with one factor, but by "
    "a risk item that another person approves"
) {
    for (const std::string name : {"engineer", "vendor_engineer", "clinician"}) {
        CAPTURE(name);
        ApiTestHouse house(policy::default_policy());
        auto& sam = house.person("sam", "security_officer");
        auto& paula = house.person("paula", "approver");
        const auto role_in = [&](nlohmann::json& document) -> nlohmann::json& {
            return *std::ranges::find_if(document["roles"], [&](const nlohmann::json& role) {
                return role["name"] == name;
            });
        };
        const auto propose = [&](const std::function<void(nlohmann::json&)>& change) {
            house.sign_in(sam);
            auto document = house.ask(sam.browser, "GET", "/api/policy").json;
            change(role_in(document));
            return house.ask(
                sam.browser,
                "POST",
                "/api/policy/proposals",
                {{"policy", document}, {"rationale", "one factor, for a trial"}}
            );
        };
        // The lowest risk class is one factor; a risk item beside it does not make it right.
        const auto lowered = propose([](nlohmann::json& role) { role["risk"] = "low"; });
        CHECK(lowered.status == 422);
        const auto excused = propose([](nlohmann::json& role) {
            role["risk"] = "low";
            role["risk_item"] = "R-17";
        });
        CHECK(excused.status == 422);

        nlohmann::json exception{
            {"strength", "one_factor"},
            {"reason", "A trial with one device that is not in use."},
            {"accepted_by", "Lena Falk, medical director"},
            {"until", to_text(house.moment().now + 24h * 30)},
        };
        const auto without = propose([&](nlohmann::json& role) { role["exception"] = exception; });
        CHECK(without.status == 422);
        exception["risk_item"] = "R-17";
        const auto proposed = propose([&](nlohmann::json& role) { role["exception"] = exception; });
        REQUIRE_MESSAGE(proposed.status == 201, proposed.response.body);

        const auto in_force = [&] {
            auto document = house.ask(sam.browser, "GET", "/api/policy").json;
            return role_in(document).contains("exception");
        };
        CHECK_FALSE(in_force());
        house.sign_in(paula);
        const auto version = std::to_string(proposed.json["version"].get<int>());
        const auto approve = "/api/policy/proposals/" + version + "/approve";
        REQUIRE(house.ask(paula.browser, "POST", approve).status == 200);
        CHECK(in_force());
    }
}

}  // namespace

}  // namespace sallyport::api::test
