#include "domain/governance/standing_visit.h"

#include "tests/support/databases.h"
#include "tests/support/hospital.h"

#include "domain/governance/grants.h"
#include "domain/governance/notice.h"
#include "domain/session/session.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace sallyport::governance {

namespace {

using namespace std::chrono_literals;
using policy::Permission;
using test::Hospital;
using test::Somebody;

// An engineer with an open session and an approved grant, whose visit was let in under version 1.
struct Running {
    explicit Running(store::Database& opened)
        : database(opened),
          hospital(opened),
          engineer(hospital.employ("erik", "engineer")),
          approver(hospital.employ("anna", "approver")),
          keeper(hospital.employ("karin", "gateway_administrator")),
          pump(hospital.device("pump-07", keeper.account.id).id) {
        open_session();
        accept(hospital.policy().notice_version);
        const auto now = hospital.clock().now();
        const GrantRequest wanted{
            .device = pump,
            .purpose = "replace the flow sensor",
            .change_ticket = "CHG-1234",
            .from = now,
            .until = now + 8h,
            .capabilities = {},
        };
        const auto may_ask = hospital.permit(engineer, Permission::grant_request);
        const auto may_approve = hospital.permit(approver, Permission::grant_approve);
        database.write([&](store::Tx& tx) {
            const auto asked = request_grant(
                tx, hospital.moment(), hospital.policy(), may_ask, wanted, engineer.actor()
            );
            grant = decide_grant(
                        tx,
                        hospital.moment(),
                        hospital.policy(),
                        may_approve,
                        asked.value().id,
                        Verdict::approve,
                        "as planned",
                        approver.actor()
            )
                        .value();
        });
        const auto permit =
            hospital.permit(engineer, Permission::device_visit, pump, grant->facts());
        lease = leases.hold(permit, connection, [](policy::CutCause) {});
        (void)leases.cut_ended(now, hospital.clock().monotonic());
        newer = hospital.policy();
        newer.version = 2;
    }

    // As session::open() leaves it.
    void open_session() {
        database.write([&](store::Tx& tx) {
            tx.execute(
                "INSERT INTO session (id, token_digest, channel, host, account_id, person_id, "
                "login_name, role, scope, proven, factor_amr, factor_aal, factor_authenticator, "
                "factor_phishing_resistant, created_at, ends_at, idle_max, last_active_at, "
                "last_proof_at, source, csrf_key, notice_accepted) VALUES (?, ?, 'web', '', ?, ?, "
                "?, ?, ?, 1, 'pwd+otp', 2, 'password+totp', 0, ?, ?, 900000000, ?, ?, '10.1.1.1', "
                "'key', '')",
                {store::value(engineer.session),
                 Bytes(engineer.session.bytes().begin(), engineer.session.bytes().end()),
                 store::value(engineer.account.id),
                 store::value(engineer.account.person),
                 engineer.account.login_name.text(),
                 engineer.account.role,
                 engineer.account.scope,
                 store::value(engineer.last_proof),
                 store::value(engineer.ends_at),
                 store::value(engineer.last_proof),
                 store::value(engineer.last_proof)}
            );
        });
    }

    void accept(const std::string& version) {
        database.write([&](store::Tx& tx) {
            REQUIRE(
                accept_notice(tx, hospital.moment(), engineer.account.id, version, engineer.actor())
                    .has_value()
            );
        });
    }

    void run(const std::string& sql, const store::Value& value) {
        database.write([&](store::Tx& tx) { tx.execute(sql, {value}); });
    }

    [[nodiscard]] Result<policy::Permit> ask() {
        const auto held = leases.list().at(0);
        return database.read([&](store::Tx& tx) {
            return decide_anew(tx, hospital.moment(), newer, held);
        });
    }

    [[nodiscard]] std::string_view answer() {
        const auto decided = ask();
        return decided ? "yes" : decided.error().reason;
    }

    // The engineer's permissions, under the newer policy.
    policy::RoleRules& engineers() {
        for (auto& role : newer.roles) {
            if (role.name == "engineer") return role;
        }
        throw std::logic_error("the policy has no engineer");
    }

    store::Database& database;
    Hospital hospital;
    Somebody engineer;
    Somebody approver;
    Somebody keeper;
    DeviceId pump;
    ConnectionId connection = ConnectionId::from_bytes(IdBytes{std::byte{1}});
    std::optional<Grant> grant;
    policy::Leases leases;
    std::optional<policy::Lease> lease;
    policy::Policy newer;
};

TEST_CASE("what the new policy still allows goes on under it, to the end that it had") {
    test::for_each_engine([](store::Database& database) {
        Running visit(database);
        visit.hospital.clock().advance(10min);
        const auto decided = visit.ask();
        REQUIRE(decided.has_value());
        CHECK(decided->policy_version() == 2);
        CHECK(decided->grant() == visit.grant->id);
        CHECK(decided->ends_at() == visit.grant->from + 4h);  // not 4 h from now

        CHECK(visit.leases.renew(visit.connection, *decided));
        CHECK(visit.leases.decided_before(2).empty());
    });
}

TEST_CASE("a role that may visit no more, or now asks for a stronger proof, goes on no more") {
    test::for_each_engine([](store::Database& database) {
        Running visit(database);
        auto& role = visit.engineers();
        role.strength = policy::Strength::phishing_resistant;
        CHECK(visit.answer() == "policy.too_weak");
        role.strength = policy::Strength::two_factors;
        CHECK(visit.answer() == "yes");
        role.permissions.reset(static_cast<std::size_t>(Permission::device_visit));
        CHECK(visit.answer() == "policy.not_in_role");
        role.name = "mechanic";
        CHECK(visit.answer() == "policy.role_unknown");
    });
}

TEST_CASE("a shorter longest visit counts from when the visit began") {
    test::SqliteFixture fixture;
    Running visit(fixture.database());
    visit.newer.visit_max = 30min;
    visit.hospital.clock().advance(30min - 1us);
    CHECK(visit.ask().value().ends_at() == visit.grant->from + 30min);
    visit.hospital.clock().advance(1us);
    CHECK(visit.answer() == "visit.over");
}

TEST_CASE("a clock that was set back decides nothing anew, by monotonic time it may be over") {
    test::SqliteFixture fixture;
    Running visit(fixture.database());
    visit.hospital.clock().step_wall(-24h);
    CHECK(visit.answer() == "yes");  // and not "grant.not_yet"
    visit.database.write([](store::Tx& tx) { session::set_back(tx, 24h); });
    CHECK(visit.answer() == "yes");  // and not "session.ended"
    visit.newer.visit_max = 30min;
    visit.hospital.clock().advance(30min);
    CHECK(visit.answer() == "visit.over");
}

TEST_CASE("what ended otherwise does not go on under a new policy either") {
    test::for_each_engine([](store::Database& database) {
        Running visit(database);
        CHECK(visit.answer() == "yes");
        const auto now = store::value(visit.hospital.clock().now());

        visit.run("UPDATE device SET state = 'retired' WHERE name = ?", std::string("pump-07"));
        CHECK(visit.answer() == "device.retired");
        visit.run("UPDATE device SET state = 'in_service' WHERE name = ?", std::string("pump-07"));
        CHECK(visit.answer() == "yes");

        const auto permit = visit.hospital.permit(visit.engineer, Permission::grant_request);
        database.write([&](store::Tx& tx) {
            REQUIRE(revoke_grant(
                        tx,
                        visit.hospital.moment(),
                        permit,
                        visit.grant->id,
                        "done early",
                        visit.engineer.actor()
            )
                        .has_value());
        });
        CHECK(visit.answer() == "grant.not_approved");

        visit.run("UPDATE session SET end_cause = 'logout', ended_at = ?", now);
        CHECK(visit.answer() == "session.ended");
    });
}

TEST_CASE("a new recording notice lets a visit go on once its person has accepted it") {
    test::SqliteFixture fixture;
    Running visit(fixture.database());
    visit.newer.notice_version = "a newer one";
    CHECK(visit.answer() == "notice.not_accepted");
    visit.run(
        "INSERT INTO notice_acceptance (account_id, version, accepted_at) VALUES (?, "
        "'a newer one', 1)",
        store::value(visit.engineer.account.id)
    );
    CHECK(visit.answer() == "yes");
}

}  // namespace

}  // namespace sallyport::governance
