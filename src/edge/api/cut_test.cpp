// What a request to the sign-in host cuts elsewhere: the leases of visits, by every road on which a
// sign-in, an account, a grant or a policy ends.

#include "tests/support/clocks.h"
#include "tests/support/policies.h"

#include "base/core/fault.h"
#include "domain/session/session.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

// A lease as a visit holds it: of a device host's session that was handed on from the sign-in of
// this person, who came last.
class HeldVisit {
public:
    HeldVisit(ApiTestHouse& house, const std::string& name, std::uint8_t number = 1)
        : random_(1000U + number) {
        const sallyport::test::Moments moments(house.clock, random_);
        const auto child = house.database().write([&](store::Tx& tx) {
            std::optional<session::Session> parent;
            for (auto& open : session::list_open(tx, std::nullopt)) {
                if (open.login_name == name && !open.parent) parent = std::move(open);
            }
            REQUIRE(parent.has_value());
            return session::open_on_host(tx, moments.now(), *parent, "pump-07.gate.example.net");
        });
        REQUIRE(child.has_value());
        session = child->session.id;
        root = child->session.root();
        const auto subject = child->session.subject();
        const auto now = house.clock.now();
        const auto device = DeviceId::from_bytes(IdBytes{std::byte{5}});
        const policy::Question question{
            .subject = subject,
            .action = policy::Permission::device_visit,
            .device = device,
            .about = std::nullopt,
            .grant =
                policy::GrantFacts{
                    .id = GrantId::from_bytes(IdBytes{std::byte{6}}),
                    .requester = child->session.account,
                    .device = device,
                    .approved = true,
                    .from = now,
                    .until = now + 4h,
                },
        };
        const auto permit = policy::decide(
            sallyport::test::policy_with_codes(sallyport::test::SettableClock().now()),
            question,
            now
        );
        REQUIRE(permit.has_value());
        lease_ = house.leases.hold(
            *permit,
            ConnectionId::from_bytes(IdBytes{std::byte{number}}),
            [this](policy::CutCause cause) { told.emplace_back(policy::to_text(cause)); }
        );
    }

    HeldVisit(const HeldVisit&) = delete;
    HeldVisit& operator=(const HeldVisit&) = delete;
    HeldVisit(HeldVisit&&) = delete;
    HeldVisit& operator=(HeldVisit&&) = delete;
    ~HeldVisit() = default;

    std::optional<SessionId> session;
    std::optional<SessionId> root;
    std::vector<std::string> told;

private:
    sallyport::test::ReplayedRandom random_;
    std::optional<policy::Lease> lease_;
};

const std::vector<std::string> nothing;

TEST_CASE("S0-09 (part): signing out cuts the visits that grew from the sign-in, at once") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    auto& emma = house.person("emma", "engineer");
    const HeldVisit his(house, "erik", 1);
    const HeldVisit hers(house, "emma", 2);

    REQUIRE(house.ask(erik.browser, "POST", "/api/session/end").status == 200);

    CHECK(his.told == std::vector<std::string>{"logout"});
    CHECK(hers.told == nothing);
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 401);
    CHECK(house.ask(emma.browser, "GET", "/api/session").status == 200);
}

TEST_CASE("an administrator who ends another's sign-in cuts its visits; a device host's, its own") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    house.person("erik", "engineer");
    const HeldVisit first(house, "erik", 1);
    const HeldVisit second(house, "erik", 2);
    REQUIRE(first.root == second.root);
    house.step_up(anna);
    const auto end = [&](const SessionId& session) {
        return house.ask(anna.browser, "POST", "/api/sessions/" + session.text() + "/end").status;
    };

    CHECK(end(*first.session) == 200);
    CHECK(first.told == std::vector<std::string>{"session_ended"});
    CHECK(second.told == nothing);

    CHECK(end(*second.root) == 200);
    CHECK(first.told.size() == 1);
    CHECK(second.told == std::vector<std::string>{"session_ended"});
}

TEST_CASE("whatever is done to an account cuts its visits with that cause, and nobody else's") {
    struct Way {
        std::string_view path;
        nlohmann::json body;
        std::string_view cause;
    };

    const std::vector<Way> ways{
        {"/api/users/erik/role", {{"role", "auditor"}}, "role_changed"},
        {"/api/users/erik/disable", {{"cause", "termination"}}, "account_disabled"},
        {"/api/users/erik/delete", nlohmann::json::object(), "account_disabled"},
    };
    for (const auto& way : ways) {
        CAPTURE(way.path);
        ApiTestHouse house;
        auto& anna = house.administrator();
        house.person("erik", "engineer");
        house.person("emma", "engineer");
        const HeldVisit his(house, "erik", 1);
        const HeldVisit hers(house, "emma", 2);
        house.step_up(anna);

        const auto done = house.ask(anna.browser, "POST", std::string(way.path), way.body);

        CHECK_MESSAGE(done.status < 300, done.response.body);
        CHECK(his.told == std::vector<std::string>{std::string(way.cause)});
        CHECK(hers.told == nothing);
    }
}

TEST_CASE("a sign-in that is found over its limit cuts its visits, in memory or not") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    const HeldVisit visit(house, "erik");
    house.clock.advance(8h);
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 401);
    CHECK(visit.told == std::vector<std::string>{"session_ended"});
}

TEST_CASE("after a fault nobody knows what was committed: every lease is decided anew") {
    const Route broken{
        .method = "POST",
        .path = "/api/broken",
        .access = Access::session,
        .permission = policy::Permission::self_manage,
        .event = "user.modified",
        .kind = Kind::write,
        .handler = [](store::Tx&, const Call&) -> Result<Reply> {
            throw Fault("the connection was lost during a COMMIT");
        },
    };
    ApiTestHouse house({broken});
    auto& erik = house.person("erik", "engineer");
    const HeldVisit visit(house, "erik");
    house.review_leases();
    CHECK(visit.told == nothing);  // its version is the one in force: nobody asks

    CHECK(house.ask(erik.browser, "POST", "/api/broken").status == 500);
    house.review_leases();

    // The store, asked now, knows of no such device.
    CHECK(visit.told == std::vector<std::string>{"device_retired"});
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 200);
}

TEST_CASE("an applied policy cuts nothing by itself: every lease is decided anew") {
    ApiTestHouse house;
    house.person("erik", "engineer");
    auto& sven = house.person("sven", "security_officer");
    auto& paula = house.person("paula", "approver");
    const HeldVisit visit(house, "erik");
    auto document = house.ask(sven.browser, "GET", "/api/policy").json;
    document["step_up_seconds"] = 200;
    house.step_up(sven);
    const auto proposed = house.ask(
        sven.browser,
        "POST",
        "/api/policy/proposals",
        {{"policy", document.dump()}, {"rationale", "a shorter time for step-up"}}
    );
    REQUIRE_MESSAGE(proposed.status == 201, proposed.response.body);
    house.step_up(paula);
    const auto applied = house.ask(paula.browser, "POST", "/api/policy/proposals/2/approve");
    REQUIRE_MESSAGE(applied.status == 200, applied.response.body);

    CHECK(visit.told == nothing);
    CHECK(house.leases.decided_before(2).size() == 1);
    // No such device is in the store, so deciding anew says no.
    house.review_leases();
    CHECK(visit.told == std::vector<std::string>{"device_retired"});
}

}  // namespace

}  // namespace sallyport::api::test
