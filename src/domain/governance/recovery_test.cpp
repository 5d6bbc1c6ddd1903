#include "domain/governance/recovery.h"

#include "tests/support/databases.h"
#include "tests/support/hospital.h"

#include "domain/audit/log.h"
#include "domain/authn/identity_proofing.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/ticket.h"
#include "domain/governance/factor_custody.h"

#include <doctest/doctest.h>

#include <utility>

namespace sallyport::governance {

namespace {

using namespace std::chrono_literals;
using policy::Permission;
using test::Hospital;
using test::Somebody;

struct Desk {
    explicit Desk(store::Database& opened)
        : database(opened),
          hospital(opened),
          adam(hospital.employ("adam", "gateway_administrator")),
          bert(hospital.employ("bert", "gateway_administrator")),
          erik(hospital.employ("erik", "engineer")) {
        database.write([&](store::Tx& tx) {
            const authn::IdentityProofing seen{
                .method = authn::ProofingMethod::in_person,
                .evidence = "identity card",
                .verifier = "adam",
                .proofed_on = hospital.moment().now,
            };
            const auto proofed = authn::record_identity_proofing(
                tx, hospital.moment(), erik.account.person, seen, adam.actor()
            );
            REQUIRE(proofed.has_value());
        });
    }

    Result<OpenedRecovery> open(
        const Somebody& agent, std::vector<CallerCheck> checks = {CallerCheck::called_back}
    ) {
        const auto permit = hospital.permit(agent, Permission::recovery_open);
        return database.write([&](store::Tx& tx) {
            const RecoveryRequest wanted{
                .account = erik.account.id, .checks = std::move(checks), .note = {}
            };
            return open_recovery(
                tx, hospital.moment(), hospital.policy(), keys, permit, wanted, agent.actor()
            );
        });
    }

    Result<ApprovedRecovery> approve(const Somebody& who, const RecoveryId& id) {
        const auto permit = hospital.permit(who, Permission::recovery_approve);
        return database.write([&](store::Tx& tx) {
            return approve_recovery(
                tx, hospital.moment(), hospital.policy(), keys, permit, id, who.actor()
            );
        });
    }

    RecoveryState state_of(const RecoveryId& id) {
        return database.read([&](store::Tx& tx) { return find_recovery(tx, id).value().state; });
    }

    // Signed in again, after a while.
    Somebody again(const Somebody& who) { return hospital.sign_in(who.account); }

    store::Database& database;
    Hospital hospital;
    keys::KeyRing keys{crypto::Secret::random(32)};
    Somebody adam;
    Somebody bert;
    Somebody erik;
};

template <class T>
std::string_view answer(const Result<T>& result) {
    return result ? "yes" : result.error().reason;
}

TEST_CASE("S1-29 (part): a recovery is asked for by one and approved by another, on both engines") {
    test::for_each_engine([](store::Database& database) {
        Desk desk(database);
        CHECK(answer(desk.open(desk.bert, {})) == "recovery.check_missing");
        CHECK(
            answer(desk.open(desk.bert, {CallerCheck::manager_confirmed})) ==
            "recovery.check_missing"
        );
        const auto opened = desk.open(desk.bert);
        REQUIRE(opened.has_value());
        const auto& id = opened->recovery.id;
        CHECK(answer(desk.open(desk.adam)) == "recovery.already_open");
        CHECK(answer(desk.approve(desk.bert, id)) == "recovery.own_case");
        const auto approved = desk.approve(desk.adam, id);
        REQUIRE(approved.has_value());
        CHECK(approved->code.has_value());
        CHECK(approved->ticket_ends_at == desk.hospital.moment().now + 15min);
        CHECK(answer(desk.approve(desk.adam, id)) == "recovery.not_open");
        CHECK(desk.state_of(id) == RecoveryState::approved);
        const auto custodians = database.read([&](store::Tx& tx) {
            return factor_custodians(tx, desk.erik.account.id, Time{});
        });
        CHECK(custodians.size() == 2);

        database.write([&](store::Tx& tx) {
            complete_recovery(tx, desk.hospital.moment(), approved->recovery.ticket.value());
        });
        CHECK(desk.state_of(id) == RecoveryState::completed);
        const auto told = database.read([&](store::Tx& tx) {
            return authn::unread_notices(tx, desk.erik.account.id).size();
        });
        CHECK(told == 3);
        // What is decided is decided.
        CHECK(desk.open(desk.bert).has_value());
    });
}

TEST_CASE("the holder's own no ends a recovery with its ticket") {
    test::for_each_engine([](store::Database& database) {
        Desk desk(database);
        const auto no = [&] {
            return database.write([&](store::Tx& tx) {
                return refuse_own_recovery(
                    tx, desk.hospital.moment(), desk.erik.account.id, desk.erik.actor()
                );
            });
        };
        CHECK_FALSE(no());
        const auto opened = desk.open(desk.bert);
        REQUIRE(desk.approve(desk.adam, opened->recovery.id).has_value());
        CHECK(no());
        CHECK(desk.state_of(opened->recovery.id) == RecoveryState::refused);
        const auto tickets = database.read([&](store::Tx& tx) {
            return authn::list_tickets(tx, desk.hospital.moment(), desk.erik.account.id);
        });
        REQUIRE(tickets.size() == 1);
        CHECK(tickets.front().state == authn::TicketState::revoked);
        CHECK_FALSE(no());
    });
}

TEST_CASE("what nobody decided or used in time lapses, once, and is listed so") {
    test::for_each_engine([](store::Database& database) {
        Desk desk(database);
        const auto sweep = [&] {
            return database.write([&](store::Tx& tx) {
                return sweep_recoveries(tx, desk.hospital.moment());
            });
        };
        const auto first = desk.open(desk.bert);
        CHECK(sweep() == 0);
        desk.hospital.clock().advance(24h);
        CHECK(sweep() == 1);
        CHECK(sweep() == 0);
        const auto second = desk.open(desk.again(desk.bert));
        REQUIRE(second.has_value());
        REQUIRE(desk.approve(desk.again(desk.adam), second->recovery.id).has_value());
        desk.hospital.clock().advance(15min);
        CHECK(sweep() == 1);
        const auto listed = database.read([&](store::Tx& tx) { return list_recoveries(tx, {}); });
        REQUIRE(listed.size() == 2);
        CHECK(listed.rows[0].id == second->recovery.id);
        for (const auto& each : listed) {
            CHECK(each.state == RecoveryState::lapsed);
        }
        const auto open =
            database.read([&](store::Tx& tx) { return list_recoveries(tx, {.undecided = true}); });
        CHECK(open.empty());
    });
}

}  // namespace

}  // namespace sallyport::governance
