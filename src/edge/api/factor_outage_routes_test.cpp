// The factor outage matrix as an administrator is shown it: it follows what this site leans on, and
// the policy in force.

#include "edge/api/factor_outage_routes.h"

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace sallyport::api::test {

namespace {

class OutageHouse {
public:
    OutageHouse() {
        (void)house.person(otto, "erik", "engineer");
        house.clock.advance(std::chrono::seconds(60));
    }

    nlohmann::json role(const std::string& name) {
        house.sign_in(otto);
        matrix = house.ask(otto.browser, "GET", "/api/factor-outages").json;
        const auto& roles = matrix["roles"];
        const auto found = std::ranges::find_if(roles, [&](const nlohmann::json& each) {
            return each["role"] == name;
        });
        REQUIRE(found != roles.end());
        return *found;
    }

    // "works", "by_hand", "lost"; or that there is no such way.
    std::string effect(
        const std::string& who,
        const std::string& way,
        const std::string& outage,
        const char* kind = "ways"
    ) {
        const auto found = role(who);
        const auto outages = matrix["outages"].get<std::vector<std::string>>();
        const auto at = std::ranges::find(outages, outage) - outages.begin();
        for (const auto& each : found[kind]) {
            if (each["name"] == way) return each["under"][static_cast<std::size_t>(at)];
        }
        return "no such way";
    }

    ApiTestHouse house;
    TestPerson& otto = house.administrator();
    nlohmann::json matrix;
};

TEST_CASE("a phone is asked by hand without the push service, where one was ever asked") {
    OutageHouse site;
    const auto phone = [&](const std::string& outage) {
        return site.effect("engineer", "passphrase_and_phone", outage);
    };
    CHECK(phone("push_service") == "works");
    CHECK(phone("internet") == "works");
    site.house.services().push.hosts = {"push.example.org"};
    CHECK(phone("push_service") == "by_hand");
    CHECK(phone("internet") == "by_hand");
    CHECK(phone("mail") == "works");
    CHECK(phone("clock") == "lost");
}

TEST_CASE("a card stands for a way in where it has a listener, and leans on what tells its state") {
    OutageHouse site;
    const auto card = [&](const std::string& outage) {
        return site.effect("engineer", "smart_card", outage);
    };
    site.house.services().site.card_origin.clear();
    CHECK(card("internet") == "no such way");
    site.house.services().site.card_origin = "https://card.example.org";
    CHECK(card("internet") == "works");
    site.house.services().site.card_status_asked = true;
    CHECK(card("internet") == "lost");
    CHECK(card("mail") == "works");
}

TEST_CASE(
    "a patient's way back is the mail that this site sends, a nurse's her badge and the help desk"
) {
    OutageHouse site;
    const auto back = [&](const std::string& who, const std::string& way, const std::string& gone) {
        return site.effect(who, way, gone, "ways_back");
    };
    site.house.services().sends_mail = false;
    CHECK(back("patient", "recovery_by_mail", "internet") == "no such way");
    site.house.services().sends_mail = true;
    CHECK(back("patient", "recovery_by_mail", "mail") == "lost");
    CHECK(back("patient", "recovery_by_mail", "push_service") == "works");
    CHECK(back("clinician", "unlock_with_badge", "internet") == "works");
    CHECK(back("clinician", "unlock_with_badge", "clock") == "lost");
    CHECK(back("engineer", "recovery_by_help_desk", "mail") == "works");
    CHECK(back("engineer", "unlock_with_badge", "internet") == "no such way");
}

TEST_CASE("the matrix is of the policy in force: what it demands now, and whom that leaves outside"
) {
    OutageHouse site;
    CHECK(site.role("engineer")["strength"] == "two_factors");
    CHECK(site.role("engineer")["people"] == 1);
    CHECK(site.role("engineer")["already"]["people"] == 0);
    CHECK(site.effect("engineer", "passphrase_and_app", "internet") == "works");
    site.house.put_in_force([](nlohmann::json& policy) {
        for (auto& role : policy["roles"]) {
            if (role["name"] == "engineer") role.erase("exception");
        }
    });
    CHECK(site.role("engineer")["strength"] == "phishing_resistant");
    CHECK(site.effect("engineer", "passphrase_and_app", "internet") == "no such way");
    CHECK(site.role("engineer")["already"]["login_names"] == nlohmann::json::array({"erik"}));
}

TEST_CASE("who may not read the policy does not see who is shut out") {
    OutageHouse site;
    auto& erik = site.house.person("bert", "engineer");
    CHECK(site.house.ask(erik.browser, "GET", "/api/factor-outages").status == 403);
}

}  // namespace

}  // namespace sallyport::api::test
