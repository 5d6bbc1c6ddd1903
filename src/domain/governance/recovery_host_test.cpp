#include "domain/governance/recovery_host.h"

#include "tests/support/databases.h"
#include "tests/support/hospital.h"
#include "tests/support/people.h"

#include "domain/audit/log.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/ticket.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace sallyport::governance {

namespace {

using namespace std::chrono_literals;
using policy::Permission;
using test::People;
using test::Somebody;

// People who enrolled, so that tickets can be used, and the Permits of a hospital for them.
struct Machine {
    explicit Machine(store::Database& opened)
        : database(opened),
          people(opened),
          anna(people.first_administrator("anna")),
          bert(people.enrolled(anna, "bert", "gateway_administrator")),
          erik(people.enrolled(anna, "erik", "engineer")) {}

    Result<HostRecovery> ask(std::string_view name) {
        return database.write([&](store::Tx& tx) {
            return open_host_recovery(
                tx,
                people.now(),
                people.policy,
                people.keys,
                directory::LoginName::parse(name).value(),
                {"uid=0(root) login=1001(carl)", "both phones are gone"}
            );
        });
    }

    // What /enrol would say to it.
    std::string try_code(const HostRecovery& made) {
        const authn::Enrolling enrolling(people.context);
        const auto started = database.write([&](store::Tx& tx) {
            return enrolling.start_with_ticket(
                tx, people.now(), people.policy, test::shown(made.code), people.where
            );
        });
        return started ? "ok" : started.error().detail;
    }

    Somebody signed_in(const test::TestPerson& person) {
        const auto account = database.read([&](store::Tx& tx) {
            return directory::find_account(tx, person.account).value();
        });
        return {
            .account = account,
            .session = SessionId::fresh(people.clock.now(), people.random),
            .last_proof = people.clock.now(),
            .ends_at = people.clock.now() + 8h,
        };
    }

    template <class Decide>
    auto decide(const test::TestPerson& who, Decide work) {
        const auto somebody = signed_in(who);
        const auto subject = somebody.subject();
        const policy::Question question{
            .subject = subject,
            .action = Permission::recovery_approve,
            .device = std::nullopt,
            .about = std::nullopt,
            .grant = std::nullopt,
        };
        const auto permit = policy::decide(people.policy, question, people.clock.now());
        REQUIRE(permit.has_value());
        return database.write([&](store::Tx& tx) { return work(tx, *permit, somebody.actor()); });
    }

    Result<ApprovedRecovery> approve(const test::TestPerson& who, const RecoveryId& id) {
        return decide(who, [&](store::Tx& tx, const policy::Permit& permit, const auto& actor) {
            return approve_recovery(
                tx, people.now(), people.policy, people.keys, permit, id, actor
            );
        });
    }

    Result<RecoveryCase> refuse_case(const test::TestPerson& who, const RecoveryId& id) {
        return decide(who, [&](store::Tx& tx, const policy::Permit& permit, const auto& actor) {
            return refuse_recovery(
                tx, people.now(), people.policy, permit, id, "nobody lost a phone", actor
            );
        });
    }

    bool is_told(const test::TestPerson& person, authn::NoticeKind kind) {
        const auto notices =
            database.read([&](store::Tx& tx) { return authn::unread_notices(tx, person.account); });
        return std::ranges::find(notices, kind, &authn::PersonNotice::kind) != notices.end();
    }

    store::Database& database;
    People people;
    test::TestPerson anna;
    test::TestPerson bert;
    test::TestPerson erik;
};

template <class T>
std::string_view answer(const Result<T>& result) {
    return result ? "yes" : result.error().reason;
}

TEST_CASE("the host's recovery alarms, tells every administrator, and waits for 24 hours") {
    test::for_each_engine([](store::Database& database) {
        Machine machine(database);
        CHECK(answer(machine.ask("nobody")) == "user.unknown");
        CHECK(answer(machine.ask("erik")) == "recovery.not_administrator");
        const auto made = machine.ask("anna");
        REQUIRE(made.has_value());
        CHECK(answer(machine.ask("anna")) == "recovery.already_open");
        CHECK(made->people_told == 1);
        CHECK(machine.is_told(machine.bert, authn::NoticeKind::recovery_alarm));
        CHECK(machine.is_told(machine.anna, authn::NoticeKind::recovery_asked));
        CHECK_FALSE(machine.is_told(machine.erik, authn::NoticeKind::recovery_alarm));
        const auto alerts = machine.people.events("detect.alert");
        REQUIRE(alerts.size() == 1);
        CHECK(alerts.front().leaf_json.contains("recovery.host"));
        CHECK(alerts.front().leaf_json.contains("critical"));
        const auto asked = machine.people.events("recovery.requested");
        REQUIRE(asked.size() == 1);
        CHECK(asked.front().system == "operator");
        CHECK(asked.front().personal_json.contains("carl"));

        CHECK(machine.try_code(*made) == "ticket.waiting");
        machine.people.clock.advance(24h - 1s);
        CHECK(machine.try_code(*made) == "ticket.waiting");
        machine.people.clock.advance(1s);
        const auto before = std::move(machine.anna);
        machine.anna = machine.people.enrol_with(test::shown(made->code));
        CHECK(machine.try_code(*made) == "ticket.used");
        CHECK(machine.people.sign_in(machine.anna).has_value());
        CHECK_FALSE(machine.people.sign_in(before).has_value());
    });
}

TEST_CASE(
    "the alarm goes to those who can decide: the officer, and no administrator of another scope"
) {
    test::for_each_engine([](store::Database& database) {
        Machine machine(database);
        auto& people = machine.people;
        const auto olga = people.enrolled(machine.anna, "olga", "security_officer");
        const auto clara = people.enrolled(machine.anna, "clara", "clinical_administrator");
        const auto made = machine.ask("anna");
        REQUIRE(made.has_value());
        CHECK(made->people_told == 2);
        CHECK(machine.is_told(machine.bert, authn::NoticeKind::recovery_alarm));
        CHECK(machine.is_told(olga, authn::NoticeKind::recovery_alarm));
        CHECK_FALSE(machine.is_told(clara, authn::NoticeKind::recovery_alarm));
        CHECK(answer(machine.refuse_case(clara, made->recovery.id)) == "user.other_scope");
        CHECK(answer(machine.refuse_case(olga, made->recovery.id)) == "yes");
    });
}

TEST_CASE("after its 24 hours the host's recovery is good for fifteen minutes, then lapses") {
    test::for_each_engine([](store::Database& database) {
        Machine machine(database);
        const auto made = machine.ask("anna");
        machine.people.clock.advance(24h + 15min);
        CHECK(machine.try_code(*made) == "ticket.expired");
        const auto swept = database.write([&](store::Tx& tx) {
            return sweep_recoveries(tx, machine.people.now());
        });
        CHECK(swept == 1);
        CHECK(machine.ask("anna").has_value());
    });
}

TEST_CASE("another administrator lets the host's recovery through at once, or refuses it") {
    test::for_each_engine([](store::Database& database) {
        Machine machine(database);
        const auto first = machine.ask("anna");
        CHECK(answer(machine.approve(machine.anna, first->recovery.id)) == "recovery.own_account");
        const auto refused = machine.refuse_case(machine.bert, first->recovery.id);
        REQUIRE(refused.has_value());
        CHECK(refused->state == RecoveryState::refused);
        CHECK(machine.try_code(*first) == "ticket.revoked");
        machine.people.clock.advance(24h);
        CHECK(machine.try_code(*first) == "ticket.revoked");

        const auto second = machine.ask("anna");
        REQUIRE(second.has_value());
        machine.people.clock.advance(1h);
        const auto approved = machine.approve(machine.bert, second->recovery.id);
        REQUIRE(approved.has_value());
        CHECK_FALSE(approved->code.has_value());
        CHECK(approved->ticket_ends_at == machine.people.clock.now() + 15min);
        CHECK(machine.try_code(*second) == "ok");
        CHECK(machine.try_code(*second) == "ticket.used");
    });
}

}  // namespace

}  // namespace sallyport::governance
