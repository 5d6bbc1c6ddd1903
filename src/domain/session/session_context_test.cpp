#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/directory/workstation.h"
#include "domain/policy/workstation_posture.h"
#include "domain/session/session.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::session {

namespace {

using namespace std::chrono_literals;
using test::People;
using test::TestPerson;

// A house with one ward, whose devices report.
class Ward {
public:
    explicit Ward(store::Database& database) : people(database) {
        people.policy.zones = {
            {.name = "ward-3",
             .kind = policy::ZoneKind::ward,
             .networks = {IpNetwork::parse("10.3.0.0/16").value()}}
        };
        people.policy.context.home_countries = {"DE"};
        people.policy.context.os_floors = {{"windows", "10.0.19045"}};
    }

    People people;
    TestPerson administrator = people.first_administrator();
    TestPerson nora = people.enrolled(administrator, "nora.nurse", "clinician");

    std::string workstation = "ward-3-a";  // as the browser's token shows it

    // The workstation that the people of the ward sit at.
    void register_workstation() {
        const auto made = people.database().write([&](store::Tx& tx) {
            return directory::register_workstation(
                tx, people.now(), "ward-3-a", "ward-3", people.acting(administrator)
            );
        });
        REQUIRE(made.has_value());
    }

    policy::PostureImport report(
        bool disk_encrypted, Duration age = {}, const std::string& os_version = "10.0.22631"
    ) {
        const policy::PostureReport report{
            .workstation = "ward-3-a",
            .claims =
                {
                    .disk_encrypted = disk_encrypted,
                    .os = "windows",
                    .os_version = os_version,
                    .reported_at = people.clock.now() - age,
                },
        };
        return people.database().write([&](store::Tx& tx) {
            return policy::import_posture(tx, people.now(), {report}, people.acting(administrator));
        });
    }

    [[nodiscard]] Result<Opened> open_from(
        const std::string& address, const std::string& country = {}
    ) {
        auto proof = people.sign_in(nora);
        REQUIRE(proof.has_value());
        auto where = test::from_web(address);
        where.workstation = workstation;
        where.country = country;
        std::optional<authn::AuthenticationProof> held(*std::move(proof));
        return people.database().write([&](store::Tx& tx) {
            return open(tx, people.now(), people.policy, *std::move(held), where, Channel::web);
        });
    }

    void ask_of_unmanaged_devices(policy::ContextOutcome outcome) {
        people.policy.context.rules = {
            {.roles = {},
             .posture = policy::Posture::unknown,
             .place = std::nullopt,
             .segments = {},
             .outcome = outcome,
             .rationale = "a test of unmanaged devices"}
        };
    }

    [[nodiscard]] nlohmann::json last_event(const std::string& type) {
        const auto events = people.events(type);
        REQUIRE_FALSE(events.empty());
        const auto newest = std::ranges::max_element(events, {}, &audit::Entry::at);
        return nlohmann::json::parse(newest->leaf_json);
    }
};

template <class Body>
void on_each_ward(Body body) {
    test::for_each_engine([&](store::Database& database) {
        Ward ward(database);
        ward.register_workstation();
        body(ward);
    });
}

TEST_CASE("S1-79 (part): the event of a session names what the context decision was made from") {
    on_each_ward([](Ward& ward) {
        ward.report(true);
        const auto opened = ward.open_from("10.3.0.5", "DE");
        REQUIRE(opened.has_value());
        CHECK_FALSE(opened->session.limited);
        CHECK(opened->session.zone == "ward-3");
        const auto leaf = ward.last_event("session.created");
        CHECK(leaf["fields"]["posture"] == "compliant");
        CHECK(leaf["fields"]["place"] == "home");
        CHECK(leaf["fields"]["segment"] == "ward-3");
        CHECK(leaf["fields"]["context"] == "allow");
    });
}

TEST_CASE(
    "S1-37: a disk in the clear, a system below its floor or yesterday's report gives a limited "
    "session or none, and what is unknown is not compliant"
) {
    on_each_ward([](Ward& ward) {
        ward.report(false);
        auto opened = ward.open_from("10.3.0.5");
        REQUIRE(opened.has_value());
        CHECK(opened->session.limited);
        CHECK(opened->session.subject().limited);
        const auto found = ward.people.database().read([&](store::Tx& tx) {
            return find(tx, opened->session.id);
        });
        REQUIRE(found.has_value());
        CHECK(found->limited);
        CHECK(found->zone == "ward-3");
        CHECK(ward.last_event("session.created")["fields"]["posture"] == "not_compliant");

        ward.people.clock.advance(1s);
        REQUIRE(ward.report(true).taken == 1);
        opened = ward.open_from("10.3.0.5");
        REQUIRE(opened.has_value());
        CHECK_FALSE(opened->session.limited);
        ward.people.clock.advance(24h + 1s);
        opened = ward.open_from("10.3.0.5");
        REQUIRE(opened.has_value());
        CHECK(opened->session.limited);

        REQUIRE(ward.report(true, {}, "10.0.19044").taken == 1);
        opened = ward.open_from("10.3.0.5");
        REQUIRE(opened.has_value());
        CHECK(opened->session.limited);
        CHECK_FALSE(ward.open_from("192.0.2.7").has_value());

        ward.workstation = "unregistered";
        ward.people.clock.advance(1s);
        REQUIRE(ward.open_from("10.3.0.5").has_value());
        CHECK(ward.last_event("session.created")["fields"]["posture"] == "unknown");
    });
}

TEST_CASE("S1-37 (part): outside the house a device that is not in order is refused") {
    on_each_ward([](Ward& ward) {
        ward.report(false);
        const auto refused = ward.open_from("192.0.2.7");
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().reason == "context.denied");
        const auto leaf = ward.last_event("authz.denied");
        CHECK(leaf["reason"] == "context.denied");
        CHECK(leaf["where"]["zone"] == "outside");
        CHECK(leaf["fields"]["posture"] == "not_compliant");
        CHECK(leaf["fields"]["context"] == "deny");
        CHECK(ward.people.events("session.created").empty());
    });
}

TEST_CASE("S1-37 (part): what nobody reports, or of a workstation that is removed, is unknown") {
    on_each_ward([](Ward& ward) {
        REQUIRE(ward.open_from("10.3.0.5").has_value());
        CHECK(ward.last_event("session.created")["fields"]["posture"] == "unknown");

        ward.report(true);
        const auto removed = ward.people.database().write([&](store::Tx& tx) {
            const auto here = directory::list_workstations(tx).front();
            return directory::remove_workstation(
                tx, ward.people.now(), here.id, ward.people.acting(ward.administrator)
            );
        });
        REQUIRE(removed.has_value());
        REQUIRE(ward.open_from("10.3.0.5").has_value());
        CHECK(ward.last_event("session.created")["fields"]["posture"] == "unknown");
        CHECK(ward.report(true).unknown == std::vector<std::string>{"ward-3-a"});
    });
}

TEST_CASE("S1-27: of the same factors, on an unmanaged device, the policy decides and says so") {
    on_each_ward([](Ward& ward) {
        ward.report(true);
        ward.workstation = "unregistered";
        ward.people.policy.context.rules.clear();
        REQUIRE(ward.open_from("10.3.0.5").has_value());
        auto leaf = ward.last_event("session.created");
        CHECK(leaf["fields"]["posture"] == "unknown");
        CHECK(leaf["fields"]["context"] == "allow");

        ward.ask_of_unmanaged_devices(policy::ContextOutcome::phishing_resistant);
        const auto more = ward.open_from("10.3.0.5");
        REQUIRE_FALSE(more.has_value());
        CHECK(more.error().reason == "context.phishing_resistant");
        leaf = ward.last_event("authz.denied");
        CHECK(leaf["fields"]["posture"] == "unknown");
        CHECK(leaf["fields"]["context"] == "phishing_resistant");

        ward.people.clock.advance(1s);
        ward.ask_of_unmanaged_devices(policy::ContextOutcome::deny);
        const auto denied = ward.open_from("10.3.0.5");
        REQUIRE_FALSE(denied.has_value());
        CHECK(denied.error().reason == "context.denied");
        CHECK(ward.last_event("authz.denied")["fields"]["context"] == "deny");

        ward.workstation = "ward-3-a";
        CHECK(ward.open_from("10.3.0.5").has_value());
    });
}

TEST_CASE("a report that is not newer than what is kept changes nothing") {
    on_each_ward([](Ward& ward) {
        CHECK(ward.report(true).taken == 1);
        const auto older = ward.report(false, 1h);
        CHECK(older.taken == 0);
        CHECK(older.outdated == 1);
        REQUIRE(ward.open_from("10.3.0.5").has_value());
        CHECK(ward.last_event("session.created")["fields"]["posture"] == "compliant");
    });
}

TEST_CASE("S1-79 (part): abroad, two factors that can be phished are not enough for staff") {
    on_each_ward([](Ward& ward) {
        ward.report(true);
        const auto refused = ward.open_from("192.0.2.7", "FR");
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().reason == "context.phishing_resistant");
        CHECK(ward.last_event("authz.denied")["fields"]["place"] == "abroad");
    });
}

}  // namespace

}  // namespace sallyport::session
