#include "edge/api/recovery_routes.h"

#include "domain/governance/recovery.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

const nlohmann::json checked{"called_back", "manager_confirmed"};

// An engineer who can't sign in any more, a help desk, and others who may decide.
struct HelpDesk {
    Answer open(
        TestPerson& agent, const std::string& name, const nlohmann::json& checks = checked
    ) {
        house.step_up(agent);
        return house.ask(
            agent.browser,
            "POST",
            "/api/recovery",
            {{"login_name", name}, {"checks", checks}, {"note", "HD-4711"}}
        );
    }

    Answer decide(TestPerson& who, const std::string& id, const std::string& verb) {
        house.step_up(who);
        return house.ask(
            who.browser,
            "POST",
            "/api/recovery/" + id + "/" + verb,
            {{"reason", "they know of no recovery"}}
        );
    }

    Answer begin(const std::string& ticket, const std::string& agent_code) {
        Browser browser;
        return house.ask(
            browser, "POST", "/api/enrolment", {{"ticket", ticket}, {"agent_code", agent_code}}
        );
    }

    std::vector<std::string> notices(TestPerson& person) {
        std::vector<std::string> kinds;
        const auto listed = house.ask(person.browser, "GET", "/api/self/notices").json["notices"];
        for (const auto& each : listed) {
            kinds.push_back(each["kind"]);
        }
        return kinds;
    }

    bool is_signed_in(TestPerson& person) {
        return house.ask(person.browser, "GET", "/api/session").status == 200;
    }

    ApiTestHouse house;
    TestPerson& anna = house.administrator();
    TestPerson& bert = house.person("bert", "gateway_administrator");
    TestPerson& sam = house.person("sam", "security_officer");
    TestPerson& erik = house.person("erik", "engineer");
};

std::string reason_of(const Answer& answer) {
    return answer.status < 300 ? "ok" : answer.json.value("reason", "");
}

nlohmann::json leaf_of(const audit::Entry& event) {
    return nlohmann::json::parse(event.leaf_json);
}

TEST_CASE("S1-29: help-desk recovery: caller checked, two people, two codes, 15 minutes, a notice"
) {
    HelpDesk desk;
    auto& house = desk.house;
    REQUIRE(desk.is_signed_in(desk.erik));

    // Questions that somebody could answer for the person are no check, nor is the manager alone.
    for (const auto* const question : {"date_of_birth", "mothers_name", "security_question"}) {
        CHECK(reason_of(desk.open(desk.bert, "erik", {question})) == "recovery.check_unknown");
    }
    CHECK(
        reason_of(desk.open(desk.bert, "erik", {"manager_confirmed"})) == "recovery.check_missing"
    );
    CHECK(
        reason_of(desk.open(desk.bert, "erik", nlohmann::json::array())) == "recovery.check_missing"
    );

    const auto opened = desk.open(desk.bert, "erik");
    REQUIRE_MESSAGE(opened.status == 201, opened.response.body);
    const auto id = opened.json["id"].get<std::string>();
    const auto agent_code = opened.json["agent_code"].get<std::string>();
    // The checks are on record; the codes are not.
    const auto asked = house.events("recovery.requested");
    REQUIRE(asked.size() == 1);
    CHECK(asked.front().account_name == "bert");
    CHECK(leaf_of(asked.front())["fields"]["checks"] == "called_back manager_confirmed");
    CHECK(leaf_of(asked.front())["fields"]["note"] == "HD-4711");
    // Told to the person on their own pages, which the agent has no hand in.
    CHECK(std::ranges::count(desk.notices(desk.erik), "recovery_asked") == 1);

    // The agent's code opens nothing, before and after the approval.
    CHECK(reason_of(desk.begin(agent_code, "")) == "ticket.refused");
    CHECK(reason_of(desk.decide(desk.bert, id, "approve")) == "recovery.own_case");
    const auto approved = desk.decide(desk.sam, id, "approve");
    REQUIRE_MESSAGE(approved.status == 200, approved.response.body);
    const auto ticket = approved.json["ticket"]["code"].get<std::string>();
    CHECK(approved.json["ticket"]["ends_at"] == to_text(house.clock.now() + 15min));
    CHECK(approved.json["decided_by"] == "sam");
    CHECK(reason_of(desk.begin(agent_code, "")) == "ticket.refused");
    CHECK(reason_of(desk.begin(agent_code, agent_code)) == "ticket.refused");
    // What the agent is shown of the case is not the second code, nor the approver the first.
    for (auto* const who : {&desk.bert, &desk.sam}) {
        const auto seen = house.ask(who->browser, "GET", "/api/recovery").response.body;
        CHECK_FALSE(seen.contains(ticket));
        CHECK_FALSE(seen.contains(agent_code));
    }
    // Nor does the second open anything alone.
    CHECK(reason_of(desk.begin(ticket, "")) == "ticket.refused");
    CHECK(reason_of(desk.begin(ticket, ticket)) == "ticket.refused");
    CHECK(desk.is_signed_in(desk.erik));
    CHECK(std::ranges::count(desk.notices(desk.erik), "recovery_approved") == 1);

    // With both the holder enrols, once; whoever was signed in before is out from the first step
    // on.
    auto lost = desk.erik.browser;
    house.enrol_again(desk.erik, ticket, agent_code);
    CHECK(house.ask(lost, "GET", "/api/session").status == 401);
    CHECK(reason_of(desk.begin(ticket, agent_code)) == "ticket.refused");
    CHECK(desk.is_signed_in(desk.erik));
    CHECK(std::ranges::count(desk.notices(desk.erik), "recovery_completed") == 1);
    const auto listed = house.ask(desk.bert.browser, "GET", "/api/recovery").json["recoveries"];
    CHECK(listed[0]["state"] == "completed");
    for (const auto& event : house.events("")) {
        CHECK_FALSE(event.leaf_json.contains(agent_code));
        CHECK_FALSE(event.leaf_json.contains(ticket));
    }
    CHECK(house.events("recovery.completed").size() == 1);
}

TEST_CASE("S1-29: a recovery's ticket is over after 15 minutes, and its case lapses after 24 hours"
) {
    HelpDesk desk;
    auto& house = desk.house;
    const auto opened = desk.open(desk.bert, "erik");
    const auto id = opened.json["id"].get<std::string>();
    CHECK(reason_of(desk.open(desk.bert, "erik")) == "recovery.already_open");
    const auto approved = desk.decide(desk.sam, id, "approve");
    const auto ticket = approved.json["ticket"]["code"].get<std::string>();
    house.clock.advance(15min);
    CHECK(reason_of(desk.begin(ticket, opened.json["agent_code"])) == "ticket.refused");
    // Another may be opened at once, whether or not the job came by.
    house.sign_in(desk.bert);
    const auto second = desk.open(desk.bert, "erik");
    REQUIRE(second.status == 201);
    house.clock.advance(24h);
    house.sign_in(desk.sam);
    const auto late = second.json["id"].get<std::string>();
    CHECK(reason_of(desk.decide(desk.sam, late, "approve")) == "recovery.over");
    const auto moment = house.moment();
    const auto swept = house.database().write([&](store::Tx& tx) {
        return governance::sweep_recoveries(tx, moment);
    });
    CHECK(swept == 1);
    CHECK(house.events("recovery.lapsed").size() == 2);
    // Nothing has changed for whom nobody called.
    house.sign_in(desk.erik);
    CHECK(desk.is_signed_in(desk.erik));
}

TEST_CASE("S1-29: agent, approver and holder are three people, none with another's factors") {
    HelpDesk desk;
    auto& house = desk.house;
    CHECK(reason_of(desk.open(desk.bert, "bert")) == "recovery.own_account");
    CHECK(reason_of(desk.open(desk.bert, "nobody")) == "user.unknown");
    // Who has no such role neither opens nor approves.
    house.step_up(desk.erik);
    CHECK(desk.open(desk.erik, "sam").status == 403);

    const auto about_sam = desk.open(desk.bert, "sam").json["id"].get<std::string>();
    CHECK(reason_of(desk.decide(desk.sam, about_sam, "approve")) == "recovery.own_account");
    // Anna issued Bert's factors this week: whoever has his factors would be approving alone.
    CHECK(reason_of(desk.decide(desk.anna, about_sam, "approve")) == "recovery.factor_issuer");
    CHECK(house.events("authz.denied").size() >= 3);

    // A security officer opens none; an account of another scope is not within reach.
    CHECK(desk.open(desk.sam, "erik").status == 403);
    auto& cleo = house.person("cleo", "clinical_administrator");
    house.person(cleo, "clara", "clinician");
    CHECK(reason_of(desk.open(desk.bert, "clara")) == "user.other_scope");

    const auto refused = desk.decide(desk.bert, about_sam, "refuse");
    REQUIRE_MESSAGE(refused.status == 200, refused.response.body);
    CHECK(refused.json["state"] == "refused");
    CHECK(reason_of(desk.decide(desk.sam, about_sam, "refuse")) == "recovery.not_open");
    CHECK(std::ranges::count(desk.notices(desk.sam), "recovery_refused") == 1);
}

TEST_CASE("S1-29: a refusal ends the ticket, and who helped decides on none of their grants") {
    HelpDesk desk;
    auto& house = desk.house;
    house.register_device("pump-08");
    const auto opened = desk.open(desk.bert, "erik");
    const auto id = opened.json["id"].get<std::string>();
    const auto ticket = desk.decide(desk.sam, id, "approve").json["ticket"]["code"];
    CHECK(desk.decide(desk.bert, id, "refuse").status == 200);
    CHECK(reason_of(desk.begin(ticket, opened.json["agent_code"])) == "ticket.refused");

    const auto again = desk.open(desk.bert, "erik");
    const auto second = desk.decide(desk.sam, again.json["id"].get<std::string>(), "approve");
    house.enrol_again(desk.erik, second.json["ticket"]["code"], again.json["agent_code"]);
    const auto grant = house.request_grant(desk.erik, "pump-08");
    for (const auto* const name : {"bert", "sam"}) {
        house.step_up(desk.anna);
        const auto path = "/api/users/" + std::string(name) + "/role";
        REQUIRE(house.ask(desk.anna.browser, "POST", path, {{"role", "approver"}}).status == 200);
    }
    for (auto* const helper : {&desk.bert, &desk.sam}) {
        house.sign_in(*helper);
        const auto answer = house.ask(
            helper->browser, "POST", "/api/grants/" + grant + "/approve", {{"reason", "planned"}}
        );
        CHECK(reason_of(answer) == "grant.factor_issuer");
    }
}

TEST_CASE("S0-51 (part): a recovery never lowers the number of factors, nor does a mailbox matter"
) {
    HelpDesk desk;
    auto& house = desk.house;
    const auto opened = desk.open(desk.bert, "erik");
    const auto approved = desk.decide(desk.sam, opened.json["id"].get<std::string>(), "approve");
    // Nothing that opens the account was sent anywhere: both codes are spoken by people. And with
    // both in hand, a passphrase alone does not finish the enrolment of a role with two factors.
    Browser thief;
    const nlohmann::json codes{
        {"ticket", approved.json["ticket"]["code"]}, {"agent_code", opened.json["agent_code"]}
    };
    REQUIRE(house.ask(thief, "POST", "/api/enrolment", codes).status == 200);
    CHECK(reason_of(house.ask(thief, "POST", "/api/enrolment/totp", {{"code", ""}})) != "ok");
    REQUIRE(
        house
            .ask(
                thief,
                "POST",
                "/api/enrolment/passphrase",
                {{"passphrase", "nine tall chimneys smoke"}}
            )
            .status == 200
    );
    CHECK(house.ask(thief, "POST", "/api/enrolment/totp", {{"code", ""}}).status >= 400);
    CHECK(house.ask(thief, "POST", "/api/enrolment/totp", {{"code", "000000"}}).status >= 400);
    CHECK(house.ask(thief, "GET", "/api/session").status == 401);
    // Until it is finished the factors from before are what they were.
    house.sign_in(desk.erik);
    CHECK(desk.is_signed_in(desk.erik));
}

TEST_CASE("S1-11 (part): an administrative override is on record with its reason and its approver"
) {
    HelpDesk desk;
    const auto opened = desk.open(desk.bert, "erik");
    REQUIRE(desk.decide(desk.sam, opened.json["id"].get<std::string>(), "approve").status == 200);
    const auto events = desk.house.events("override.admin");
    REQUIRE(events.size() == 1);
    CHECK(events.front().account_name == "sam");
    CHECK(events.front().amr == "otp");
    const auto leaf = leaf_of(events.front());
    CHECK_FALSE(leaf["fields"]["approver"].get<std::string>().empty());
    CHECK(leaf["fields"]["approver"] != leaf["fields"]["agent"]);
    CHECK(leaf["fields"]["why"] == "caller verified: called_back manager_confirmed");
    CHECK_FALSE(leaf["fields"]["until"].get<std::string>().empty());
}

TEST_CASE("the page of recoveries offers each what they may do, and the code once") {
    HelpDesk desk;
    auto& house = desk.house;
    const auto opened = desk.open(desk.bert, "erik");
    const auto approve = "/api/recovery/" + opened.json["id"].get<std::string>() + "/approve";
    const auto agents = house.page(desk.bert.browser, "/recovery");
    CHECK(agents.contains("HD-4711"));
    CHECK(agents.contains("Open a case"));
    CHECK_FALSE(agents.contains(approve));
    const auto officers = house.page(desk.sam.browser, "/recovery");
    CHECK(officers.contains(approve));
    CHECK_FALSE(officers.contains("Open a case"));
    CHECK_FALSE(officers.contains(opened.json["agent_code"].get<std::string>()));
    CHECK(house.page(desk.erik.browser, "/security")
              .contains("asked for the recovery of your account"));
}

}  // namespace

}  // namespace sallyport::api::test
