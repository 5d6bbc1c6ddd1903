#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/session/session.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>

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

    [[nodiscard]] Result<Opened> open_from(
        const std::string& address,
        const std::optional<policy::PostureClaims>& claims,
        const std::string& country = {}
    ) {
        auto where = test::from_web(address);
        where.country = country;
        auto proof = people.sign_in(nora);
        REQUIRE(proof.has_value());
        std::optional<authn::AuthenticationProof> held(*std::move(proof));
        return people.database().write([&](store::Tx& tx) {
            return open(
                tx, people.now(), people.policy, *std::move(held), where, Channel::web, claims
            );
        });
    }

    [[nodiscard]] policy::PostureClaims claims(bool disk_encrypted) const {
        return {
            .disk_encrypted = disk_encrypted,
            .os = "windows",
            .os_version = "10.0.22631",
            .reported_at = people.clock.now(),
        };
    }

    [[nodiscard]] nlohmann::json last_event(const std::string& type) {
        const auto events = people.events(type);
        REQUIRE_FALSE(events.empty());
        return nlohmann::json::parse(events.back().leaf_json);
    }
};

template <class Body>
void on_each_ward(Body body) {
    test::for_each_engine([&](store::Database& database) {
        Ward ward(database);
        body(ward);
    });
}

TEST_CASE("S1-79 (part): the event of a session names what the context decision was made from") {
    on_each_ward([](Ward& ward) {
        const auto opened = ward.open_from("10.3.0.5", ward.claims(true), "DE");
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

TEST_CASE("S1-37 (part): a disk in the clear, or yesterday's report, gives a limited session") {
    on_each_ward([](Ward& ward) {
        auto opened = ward.open_from("10.3.0.5", ward.claims(false));
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

        auto stale = ward.claims(true);
        stale.reported_at -= 24h + 1s;
        opened = ward.open_from("10.3.0.5", stale);
        REQUIRE(opened.has_value());
        CHECK(opened->session.limited);
    });
}

TEST_CASE("S1-37 (part): outside the house a device that is not in order is refused") {
    on_each_ward([](Ward& ward) {
        const auto refused = ward.open_from("192.0.2.7", ward.claims(false));
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

TEST_CASE("S1-79 (part): abroad, two factors that can be phished are not enough for staff") {
    on_each_ward([](Ward& ward) {
        const auto refused = ward.open_from("192.0.2.7", ward.claims(true), "FR");
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().reason == "context.phishing_resistant");
        CHECK(ward.last_event("authz.denied")["fields"]["place"] == "abroad");
    });
}

}  // namespace

}  // namespace sallyport::session
