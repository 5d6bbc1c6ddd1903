// L-02 at the door: no route, whoever calls it with whatever body, makes an approved grant alone;
// and of everybody who had a hand in the requester's account, their factors or the device's secret,
// each is tried as the approver.

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

std::int64_t approved_grants(ApiTestHouse& house) {
    return house.database().read([](store::Tx& tx) {
        return tx.query("SELECT COUNT(*) FROM access_grant WHERE state = 'approved'")
            .front()
            .integer(0);
    });
}

Answer approve(ApiTestHouse& house, TestPerson& person, const std::string& grant) {
    return house.ask(
        person.browser, "POST", "/api/grants/" + grant + "/approve", {{"reason", "as planned"}}
    );
}

void give_role(ApiTestHouse& house, const std::string& name, const std::string& role) {
    auto& anna = house.administrator();
    house.step_up(anna);
    const auto changed = house.ask(
        anna.browser,
        "POST",
        "/api/users/" + name + "/role",
        {{"role", role}, {"reason", "moves to another team"}}
    );
    REQUIRE_MESSAGE(changed.status == 200, changed.response.body);
}

std::string with_grant(std::string_view pattern, const std::string& grant) {
    std::string path(pattern);
    for (const auto& [placeholder, value] :
         {std::pair{std::string("{id}"), grant},
          {std::string("{name}"), std::string("pump-07")},
          {std::string("{version}"), std::string("1")}}) {
        const auto at = path.find(placeholder);
        if (at != std::string::npos) path.replace(at, placeholder.size(), value);
    }
    return path;
}

TEST_CASE("L-02: no command makes an approved grant alone, each tried by each role") {
    ApiTestHouse house;
    house.register_device("pump-07");
    house.register_device("pump-08");
    std::vector<TestPerson*> everybody;
    for (const auto& [name, role] :
         {std::pair{"erik", "engineer"}, {"otto", "auditor"}, {"sam", "security_officer"}}) {
        everybody.push_back(&house.person(name, role));
    }
    // These two last: one retires the device on the way, the other denies the request.
    everybody.push_back(&house.administrator());
    everybody.push_back(&house.person("paula", "approver"));
    auto& erik = *everybody.front();
    const auto grant = house.request_grant(erik, "pump-07");

    std::size_t tried = 0;
    for (auto* const person : everybody) {
        house.sign_in(*person);
        const auto now = house.clock.now();
        // Everything that could say "approved", beside what a request needs.
        const nlohmann::json greedy{
            {"device", "pump-07"},
            {"purpose", "Quarterly check of the sensor"},
            {"change_ticket", "CHG-1042"},
            {"from", to_text(now)},
            {"until", to_text(now + 1h)},
            {"state", "approved"},
            {"approved", true},
            {"approve", grant},
            {"decided_by", "paula"},
            {"decided_at", to_text(now)},
            {"approver", "paula"},
            {"requester", "otto"},
            {"grant", grant},
            {"verdict", "approve"},
            {"role", "approver"},
            {"reason", "as planned"},
        };
        for (const auto& route : house.router().routes()) {
            if (route.access != Access::session || route.method == "GET") continue;
            // What ends the own session comes last, for it would make the rest pointless.
            if (route.path == "/api/session/end") continue;
            const bool decision = route.path == "/api/grants/{id}/approve";
            if (decision && person->role == "approver") continue;  // the one who may
            CAPTURE(person->role);
            CAPTURE(route.path);
            const auto answer = house.ask(
                person->browser, std::string(route.method), with_grant(route.path, grant), greedy
            );
            CHECK(answer.status != 500);
            CHECK(approved_grants(house) == 0);
            ++tried;
        }
    }
    CHECK(tried > 100);

    // With an approver, another person, it is.
    auto& paula = *everybody.back();
    house.sign_in(paula);
    house.sign_in(erik);
    const auto asked = house.request_grant(erik, "pump-08");
    CHECK(approve(house, paula, asked).status == 200);
    CHECK(approved_grants(house) == 1);
}

TEST_CASE("L-02: each who had a hand in the requester or the device is refused, by name") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& carl = house.person("carl", "gateway_administrator");
    auto& ida = house.person("ida", "gateway_administrator");
    auto& rolf = house.person("rolf", "gateway_administrator");
    auto& kim = house.person("kim", "gateway_administrator");
    auto& paula = house.person("paula", "approver");
    house.register_device("pump-07");

    // Kim stores the secret, Carl creates Erik, Ida issues Nils a new ticket, Rolf and Carl
    // recover Rita.
    house.step_up(kim);
    const auto stored = house.ask(
        kim.browser,
        "POST",
        "/api/devices/pump-07/credential",
        {{"user_name", "service"}, {"password", "infuse-2009"}}
    );
    REQUIRE_MESSAGE(stored.status == 200, stored.response.body);
    auto& erik = house.person(carl, "erik", "engineer");
    auto& rita = house.person("rita", "engineer");
    house.recover(rolf, carl, rita);
    auto& nils = house.person_by_second_ticket(ida, "nils", "engineer");

    for (const auto* const name : {"carl", "ida", "rolf", "kim"}) {
        give_role(house, name, "approver");
    }
    const auto reason_of = [&](TestPerson& approver, TestPerson& requester) {
        house.sign_in(requester);
        const auto grant = house.request_grant(requester, "pump-07");
        house.sign_in(approver);
        const auto answer = approve(house, approver, grant);
        return answer.status == 200 ? std::string("yes") : answer.json.value("reason", "");
    };
    CHECK(reason_of(carl, erik) == "grant.account_creator");
    CHECK(reason_of(ida, nils) == "grant.factor_issuer");
    CHECK(reason_of(rolf, rita) == "grant.factor_issuer");
    for (auto* const requester : {&erik, &nils, &rita}) {
        CHECK(reason_of(kim, *requester) == "grant.secret_keeper");
    }
    CHECK(approved_grants(house) == 0);

    // Each of them may where they had no hand in it; so may who had none in anything.
    CHECK(reason_of(carl, nils) == "yes");
    CHECK(reason_of(ida, erik) == "yes");
    CHECK(reason_of(rolf, erik) == "yes");
    CHECK(reason_of(paula, rita) == "yes");
    CHECK(approved_grants(house) == 4);

    // Nobody for themselves, not even under a role that they have got since.
    house.sign_in(erik);
    const auto own = house.request_grant(erik, "pump-07");
    give_role(house, "erik", "approver");
    house.sign_in(erik);
    const auto refused = approve(house, erik, own);
    CHECK(refused.status == 403);
    CHECK(approved_grants(house) == 4);
    CHECK(anna.role == "gateway_administrator");
    CHECK(house.events("grant.approved").size() == 4);
}

}  // namespace

}  // namespace sallyport::api::test
