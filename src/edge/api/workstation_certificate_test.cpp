// Workstations that are known by a certificate of their own: registered, recognised, judged again.
#include "domain/authn/certificate/workstation_standing.h"
#include "edge/api/card_ward_fixture.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;
using sallyport::test::Issued;

constexpr auto cookie = "__Host-sallyport-workstation";

Issued machine_of(CardWard& ward, std::chrono::hours life = std::chrono::days(30)) {
    auto plan = ward.at_present(sallyport::test::person_plan("pc-0042"));
    plan.serial = "2001";
    plan.until = ward.house.clock.now() + life;
    return sallyport::test::issue(plan, ward.root);
}

Answer registered(CardWard& ward, TestPerson& administrator, const Issued& machine) {
    ward.house.step_up(administrator);
    return ward.present(
        administrator.browser,
        "/api/workstations/certificate",
        machine,
        {{"name", "ward-3-a"}, {"zone", "office"}}
    );
}

// Registered by its own certificate, at a browser of its own.
struct Machine {
    explicit Machine(std::chrono::hours life = std::chrono::days(30))
        : certificate(machine_of(ward, life)) {
        REQUIRE(registered(ward, clark, certificate).status == 201);
        browser.cookies[cookie] = clark.browser.cookies[cookie];
        REQUIRE(stands());
    }

    // As the job does, with the lists that are there.
    void judge() {
        authn::judge_workstations(
            ward.house.database(),
            ward.house.moments(),
            *ward.trust,
            [](const std::string&, BytesView) { return std::nullopt; },
            stopping
        );
    }

    // A list of today's, so that there is news.
    void judge_with(const std::vector<std::string>& revoked) {
        ward.list(revoked);
        judge();
    }

    bool stands() { return ward.house.page(browser, "/workstation").contains("This is ward-3-a."); }

    std::vector<std::string> judgements() {
        std::vector<std::string> reasons;
        for (const auto& event : ward.house.events("workstation.certificate_judged")) {
            reasons.push_back(event.reason);
        }
        return reasons;
    }

    std::string told() {
        const auto list = ward.house.ask(clark.browser, "GET", "/api/workstations").json;
        return list["workstations"][0]["certificate_refused"].get<std::string>();
    }

    CardWard ward;
    TestPerson& clark = ward.house.person("clark", "clinical_administrator");
    Issued certificate;
    Browser browser;
    std::atomic<bool> stopping = false;
};

TEST_CASE("a workstation is registered by its certificate, and recognised by it without a cookie") {
    CardWard ward;
    auto plan = ward.at_present(sallyport::test::person_plan("pc-0042"));
    plan.serial = "2001";
    const auto machine = sallyport::test::issue(plan, ward.root);
    auto& clark = ward.house.person("clark", "clinical_administrator");
    ward.house.step_up(clark);
    const auto made = ward.present(
        clark.browser,
        "/api/workstations/certificate",
        machine,
        {{"name", "ward-3-a"}, {"zone", "office"}}
    );
    REQUIRE_MESSAGE(made.status == 201, made.response.body);
    CHECK(made.json["name"] == "ward-3-a");
    const auto first = clark.browser.cookies[cookie];
    CHECK(first.size() == 43);

    Browser fresh;
    const auto known = ward.present(fresh, "/api/workstation/recognise", machine);
    REQUIRE_MESSAGE(known.status == 200, known.response.body);
    CHECK(known.json["name"] == "ward-3-a");
    CHECK(fresh.cookies[cookie] != first);
    CHECK(ward.house.events("workstation.recognised").size() == 1);
    CHECK(ward.house.page(fresh, "/workstation").contains("This is ward-3-a."));
    // The earlier token is worth nothing.
    CHECK_FALSE(ward.house.page(clark.browser, "/workstation").contains("This is ward-3-a."));

    // A person's card is no workstation, and a workstation's certificate no person's card.
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    CHECK(
        ward.present(fresh, "/api/workstation/recognise", card).json["reason"] ==
        "workstation.not_recognised"
    );
    ward.house.step_up(ward.erik);
    const auto taken = ward.present(
        ward.erik.browser, "/api/self/authenticators/certificate", machine, {{"label", "PC"}}
    );
    CHECK(taken.json["reason"] == "card.bound");

    // Removed, it is recognised no more; its machine can be registered again.
    ward.house.step_up(clark);
    const auto remove = "/api/workstations/" + made.json["id"].get<std::string>() + "/remove";
    REQUIRE(ward.house.ask(clark.browser, "POST", remove).status == 200);
    CHECK(ward.present(fresh, "/api/workstation/recognise", machine).status == 403);
    const auto again = ward.present(
        clark.browser,
        "/api/workstations/certificate",
        machine,
        {{"name", "ward-3-b"}, {"zone", "office"}}
    );
    CHECK(again.status == 201);
    CHECK(
        ward.house
            .ask(
                clark.browser,
                "POST",
                "/api/workstations/certificate",
                {{"name", "ward-3-c"}, {"zone", "nowhere"}}
            )
            .json["reason"] == "workstation.zone_unknown"
    );
}

TEST_CASE("S1-79 (part): a workstation is one only while its certificate is good") {
    SUBCASE(
        "revoked, its cookie is worth nothing with the next judgement, and again something after a "
        "hold"
    ) {
        Machine machine;
        machine.judge_with({});
        CHECK(machine.judgements().empty());  // as before
        machine.judge_with({"2001"});
        CHECK_FALSE(machine.stands());
        CHECK(machine.told() == "certificate.revoked");
        machine.judge_with({"2001"});
        CHECK(machine.judgements() == std::vector<std::string>{"certificate.revoked"});
        CHECK(machine.ward.house.page(machine.clark.browser, "/workstations")
                  .contains("last answer: certificate.revoked"));
        machine.judge_with({});
        CHECK(machine.stands());
        CHECK(machine.told().empty());
        CHECK(machine.judgements() == std::vector<std::string>{"ok", "certificate.revoked"});
    }
    SUBCASE("its own end is its workstation's, with nobody judging") {
        Machine machine(2h);
        machine.ward.house.clock.advance(2h - 5min);  // to confirm took some seconds
        CHECK(machine.stands());
        machine.ward.house.clock.advance(5min);
        CHECK_FALSE(machine.stands());
        machine.judge_with({});
        CHECK(machine.judgements() == std::vector<std::string>{"certificate.expired"});
    }
    SUBCASE("without news it stands for a day after the last good judgement") {
        Machine machine;
        machine.ward.house.clock.advance(1h);
        machine.judge_with({});
        machine.ward.trust->crls.clear();
        machine.ward.house.clock.advance(24h - 1s);
        machine.judge();
        CHECK(machine.judgements() == std::vector<std::string>{"certificate.revocation_unknown"});
        CHECK(machine.stands());
        machine.ward.house.clock.advance(1s);
        CHECK_FALSE(machine.stands());
        machine.judge_with({});
        CHECK(machine.stands());
    }
    SUBCASE("an issuer that is trusted no longer vouches for no machine") {
        Machine machine;
        machine.ward.trust->anchors = {
            sallyport::test::self_signed(
                machine.ward.at_present(sallyport::test::root_plan("Another"))
            )
                .certificate()
        };
        machine.judge();
        CHECK_FALSE(machine.stands());
        CHECK(machine.judgements() == std::vector<std::string>{"certificate.untrusted"});
    }
    SUBCASE("what is kept of it can't be read any more: it is none, until it is shown again") {
        Machine machine;
        machine.ward.house.database().write([](store::Tx& tx) {
            tx.execute("UPDATE workstation_certificate SET certificates = 'no certificate'");
        });
        machine.judge_with({});
        CHECK_FALSE(machine.stands());
        CHECK(machine.told() == "certificate.damaged");
    }
    SUBCASE("one that was removed is judged no more, nor is any by a clock that is behind") {
        Machine machine;
        machine.ward.house.moments().assess(ClockState::behind);
        machine.judge_with({"2001"});
        CHECK(machine.judgements().empty());
        machine.ward.house.moments().assess(ClockState::synchronised);
        machine.stopping = true;
        machine.judge();
        CHECK(machine.judgements().empty());
        machine.stopping = false;
        const auto list =
            machine.ward.house.ask(machine.clark.browser, "GET", "/api/workstations").json;
        const auto id = list["workstations"][0]["id"].get<std::string>();
        machine.ward.house.step_up(machine.clark);
        REQUIRE(
            machine.ward.house
                .ask(machine.clark.browser, "POST", "/api/workstations/" + id + "/remove")
                .status == 200
        );
        machine.judge();
        CHECK(machine.judgements().empty());
    }
}

}  // namespace

}  // namespace sallyport::api::test
