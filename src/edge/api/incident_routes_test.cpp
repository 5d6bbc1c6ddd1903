#include "edge/api/incident_routes.h"

#include "domain/policy/permission.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace sallyport::api::test {

namespace {

struct Ward {
    Answer report(
        TestPerson& who, const std::string& said = "I never added that phone", bool end = true
    ) {
        return house.ask(
            who.browser,
            "POST",
            "/api/self/incidents",
            {{"said", said}, {"end_sessions", end ? "yes" : "no"}}
        );
    }

    nlohmann::json shown(TestPerson& who, const std::string& id) {
        return house.ask(who.browser, "GET", "/api/incidents/" + id).json;
    }

    bool is_told(TestPerson& who, const std::string& kind) {
        const auto listed = house.ask(who.browser, "GET", "/api/self/notices").json["notices"];
        return std::ranges::any_of(listed, [&](const auto& each) { return each["kind"] == kind; });
    }

    ApiTestHouse house;
    TestPerson& anna = house.administrator();
    TestPerson& sam = house.person("sam", "security_officer");
    TestPerson& erik = house.person("erik", "engineer");
};

std::string reason_of(const Answer& answer) {
    return answer.status < 300 ? "ok" : answer.json.value("reason", "");
}

TEST_CASE("this wasn't me: a case with one's own events, other sessions end, officers are told") {
    Ward ward;
    auto& house = ward.house;
    auto before = ward.erik.browser;  // signed in since the enrolment
    house.sign_in(ward.erik);
    const auto reported = ward.report(ward.erik);
    REQUIRE_MESSAGE(reported.status == 201, reported.response.body);
    CHECK(reported.json["sessions_ended"] == 1);
    CHECK(house.ask(before, "GET", "/api/session").status == 401);
    CHECK(house.ask(ward.erik.browser, "GET", "/api/session").status == 200);
    CHECK(ward.is_told(ward.anna, "incident_reported"));
    CHECK(ward.is_told(ward.sam, "incident_reported"));
    CHECK_FALSE(ward.is_told(ward.erik, "incident_reported"));
    const auto alerts = house.events("detect.alert");
    REQUIRE(alerts.size() == 1);
    CHECK(alerts.front().leaf_json.contains("incident.reported"));

    const auto id = reported.json["id"].get<std::string>();
    const auto seen = ward.shown(ward.sam, id);
    CHECK(seen["login_name"] == "erik");
    CHECK(seen["said"] == "I never added that phone");
    std::set<std::string> types;
    for (const auto& event : seen["events"]) {
        types.insert(event["type"]);
        // By reference: each is an event of the log.
        const auto found =
            house.ask(ward.anna.browser, "GET", "/api/audit/" + event["id"].get<std::string>());
        CHECK(found.status == 200);
    }
    for (const auto* const type : {"authn.success", "session.created", "cred.bound"}) {
        CHECK_MESSAGE(types.contains(type), type);
    }
    CHECK(seen["events"].size() <= 50);
    // Nobody else's, and nothing that is no sign of a stranger.
    for (const auto& event : seen["events"]) {
        CHECK((event["by"] == "erik" || event["by"] == "anna" || event["by"] == ""));
    }

    // Not by its own holder, and with a reason; who reported it learns that.
    house.step_up(ward.sam);
    const auto close = "/api/incidents/" + id + "/close";
    CHECK(reason_of(house.ask(ward.sam.browser, "POST", close)) == "input.missing");
    const nlohmann::json why{{"reason", "a colleague used the wrong phone"}};
    const auto closed = house.ask(ward.sam.browser, "POST", close, why);
    REQUIRE_MESSAGE(closed.status == 200, closed.response.body);
    CHECK(closed.json["closed_by"] == "sam");
    CHECK(reason_of(house.ask(ward.sam.browser, "POST", close, why)) == "incident.closed");
    CHECK(ward.is_told(ward.erik, "incident_closed"));
    const auto open = house.ask(ward.anna.browser, "GET", "/api/incidents?state=open").json;
    CHECK(open["incidents"].empty());
    CHECK(house.events("incident.reported").size() == 1);
    CHECK(house.events("incident.closed").size() == 1);
}

TEST_CASE("this wasn't me: every role may report, and nobody closes their own") {
    Ward ward;
    auto& house = ward.house;
    const auto shipped = policy::default_policy();
    auto& cleo = house.person("cleo", "clinical_administrator");
    std::vector<TestPerson*> everybody{&cleo};
    for (const auto* const role : {"approver", "auditor", "gateway_administrator"}) {
        everybody.push_back(&house.person(std::string("a.") + role, role));
    }
    for (const auto* const role : {"clinician", "patient"}) {
        everybody.push_back(&house.person(cleo, std::string("a.") + role, role));
    }
    for (auto* const each : everybody) {
        auto& person = *each;
        const auto& role = person.role;
        CAPTURE(role);
        CHECK(ward.report(person, "", false).status == 201);
        CHECK(house.page(person.browser, "/security").contains("This wasn't me"));
        // Who may look is a matter of the role.
        const bool may = shipped.role(role)->permissions.test(
            static_cast<std::size_t>(policy::Permission::incident_read)
        );
        CHECK((house.ask(person.browser, "GET", "/api/incidents").status == 200) == may);
    }
    const auto own = ward.report(ward.sam).json["id"].get<std::string>();
    house.step_up(ward.sam);
    const auto refused = house.ask(
        ward.sam.browser, "POST", "/api/incidents/" + own + "/close", {{"reason", "it is fine"}}
    );
    CHECK(reason_of(refused) == "incident.own_report");
}

TEST_CASE("this wasn't me: a recovery under way is refused, and its codes open nothing") {
    Ward ward;
    auto& house = ward.house;
    auto& bert = house.person("bert", "gateway_administrator");
    house.step_up(bert);
    const auto opened = house.ask(
        bert.browser,
        "POST",
        "/api/recovery",
        {{"login_name", "erik"}, {"checks", {"card_on_video"}}}
    );
    REQUIRE(opened.status == 201);
    house.step_up(ward.sam);
    const auto path = "/api/recovery/" + opened.json["id"].get<std::string>() + "/approve";
    const auto approved = house.ask(ward.sam.browser, "POST", path);
    REQUIRE(approved.status == 200);

    // The holder sees it on their page, and it was not them.
    CHECK(ward.is_told(ward.erik, "recovery_approved"));
    REQUIRE(ward.report(ward.erik, "I asked for no recovery").status == 201);
    const auto listed = house.ask(bert.browser, "GET", "/api/recovery").json["recoveries"];
    CHECK(listed[0]["state"] == "refused");
    Browser thief;
    const nlohmann::json codes{
        {"ticket", approved.json["ticket"]["code"]}, {"agent_code", opened.json["agent_code"]}
    };
    CHECK(reason_of(house.ask(thief, "POST", "/api/enrolment", codes)) == "ticket.refused");
    CHECK(house.events("recovery.denied").size() == 1);
}

TEST_CASE("reports are bounded in text and number") {
    Ward ward;
    CHECK(reason_of(ward.report(ward.erik, std::string(1001, 'x'))) == "incident.text_malformed");
    for (int i = 0; i < 5; ++i) {
        CHECK(ward.report(ward.erik, "again").status == 201);
    }
    CHECK(reason_of(ward.report(ward.erik, "again")) == "incident.too_many_open");
}

}  // namespace

}  // namespace sallyport::api::test
