#include "domain/authn/step_up.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/authn/authenticator.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;
using test::People;
using test::secret;
using test::TestPerson;

template <class Body>
void with_administrator(Body body) {
    test::for_each_engine([&](store::Database& database) {
        People people(database);
        auto administrator = people.first_administrator();
        people.clock.advance(10min);
        body(people, administrator);
    });
}

audit::Actor in_session(People& people, const TestPerson& person) {
    auto actor = people.acting(person);
    actor.session = SessionId::fresh(people.clock.now(), people.random);
    return actor;
}

Result<AuthenticationProof> step_up(
    People& people, const TestPerson& person, const StepUp::Shown& shown
) {
    const StepUp flow(people.context);
    const auto actor = in_session(people, person);
    return people.database().write([&](store::Tx& tx) {
        return flow.finish(
            tx, people.now(), people.policy, person.account, shown, actor, "pwd+otp"
        );
    });
}

std::string reason_of(const auto& result) {
    return result ? "ok" : std::string(result.error().reason);
}

std::string why_of(const auto& result) {
    return result ? "ok" : result.error().detail;
}

TEST_CASE("S0-37: a fresh code is a fresh proof, and the event names the factor") {
    with_administrator([](People& people, const TestPerson& admin) {
        const auto proof =
            step_up(people, admin, {.passphrase = std::nullopt, .code = people.code(admin)});
        REQUIRE(proof.has_value());
        CHECK(proof->account() == admin.account);
        CHECK(proof->at() == people.clock.now());
        CHECK(proof->factor().amr == "otp");
        // One factor shown afresh renews a session; it does not open one.
        CHECK(proof->strength() == policy::Strength::one_factor);

        const auto events = people.events("stepup.success");
        REQUIRE(events.size() == 1);
        CHECK(events.front().amr == "otp");
        CHECK(events.front().leaf_json.find(proof->factor().authenticator_id) != std::string::npos);
    });
}

TEST_CASE("L-09: a code that signed somebody in does not step them up too") {
    with_administrator([](People& people, const TestPerson& admin) {
        const auto code = people.code(admin);
        const auto form = people.first_form(admin.login_name, admin.passphrase);
        REQUIRE(form.has_value());
        REQUIRE(people.second_form(form->token, code).has_value());
        const auto replay = step_up(people, admin, {.passphrase = std::nullopt, .code = code});
        CHECK(reason_of(replay) == "step_up.refused");
        CHECK(why_of(replay) == "totp.replayed");
        // One record.
        CHECK(people.events("authn.replay_detected").size() == 1);
        CHECK(people.events("stepup.failure").empty());
    });
}

TEST_CASE("wrong codes are refused, recorded and slowed down, together with those of sign-in") {
    with_administrator([](People& people, const TestPerson& admin) {
        for (int i = 0; i < 3; ++i) {
            CHECK(reason_of(step_up(people, admin, {{}, "000000"})) == "step_up.refused");
        }
        CHECK(people.events("stepup.failure").size() == 3);
        for (int i = 0; i < 2; ++i) {
            const auto form = people.first_form(admin.login_name, admin.passphrase);
            REQUIRE(form.has_value());
            CHECK_FALSE(people.second_form(form->token, "000000").has_value());
        }
        CHECK(reason_of(step_up(people, admin, {{}, people.code(admin)})) == "authn.throttled");
        people.clock.advance(1s);
        CHECK(step_up(people, admin, {{}, people.code(admin)}).has_value());
    });
}

TEST_CASE("the passphrase alone is not enough where the role has two factors") {
    with_administrator([](People& people, const TestPerson& admin) {
        const PassphraseAnswer right{.correct = true};
        CHECK(why_of(step_up(people, admin, {right, ""})) == "step_up.needs_code");
        const auto both = step_up(people, admin, {right, people.code(admin)});
        REQUIRE(both.has_value());
        CHECK(both->factor().amr == "pwd+otp");
        CHECK(both->strength() == policy::Strength::two_factors);
    });
}

TEST_CASE("where the role has one factor, the passphrase steps up") {
    with_administrator([](People& people, const TestPerson& admin) {
        const auto patient = people.enrolled(admin, "petra.patient", "patient");
        const StepUp flow(people.context);
        const auto ask = [&](std::string_view typed) {
            const auto question = people.database().write([&](store::Tx& tx) {
                return flow.begin_passphrase(
                    tx, people.now(), patient.account, in_session(people, patient)
                );
            });
            REQUIRE(question.has_value());
            return answer(people.context, *question, secret(typed));
        };
        CHECK(why_of(step_up(people, patient, {{}, "123456"})) == "step_up.needs_passphrase");
        CHECK(why_of(step_up(people, patient, {ask("wrong"), ""})) == "passphrase.wrong");
        const auto proof = step_up(people, patient, {ask(patient.passphrase), ""});
        REQUIRE(proof.has_value());
        CHECK(proof->factor().amr == "pwd");
        CHECK(proof->factor().aal == 1);
    });
}

TEST_CASE("a recovery code steps up, once: whoever lost the app must be able to mend things") {
    with_administrator([](People& people, const TestPerson& admin) {
        // A recovery code gives back access and elevates nothing; it is not used up by that either.
        CHECK(
            why_of(step_up(people, admin, {{}, admin.recovery_codes[0]})) == "step_up.recovery_code"
        );
    });
}

TEST_CASE("a closed account does not step up") {
    with_administrator([](People& people, const TestPerson& admin) {
        people.database().write([&](store::Tx& tx) {
            directory::set_account_state(tx, admin.account, directory::AccountState::suspended);
        });
        CHECK(reason_of(step_up(people, admin, {{}, people.code(admin)})) == "account.not_active");
    });
}

TEST_CASE("a revoked app is worth nothing any more, and can't be revoked again") {
    with_administrator([](People& people, const TestPerson& admin) {
        people.database().write([&](store::Tx& tx) {
            for (const auto& each : list_authenticators(tx, admin.account)) {
                if (each.kind != AuthenticatorKind::totp) continue;
                const auto actor = people.acting(admin);
                const auto now = people.now();
                CHECK(revoke_authenticator(tx, now, each.id, RevokeCause::lost, actor));
                CHECK(
                    reason_of(revoke_authenticator(tx, now, each.id, RevokeCause::lost, actor)) ==
                    "authenticator.revoked"
                );
                const auto row = find_authenticator(tx, each.id);
                REQUIRE(row.has_value());
                CHECK(row->revoked_at == people.clock.now());
            }
            const auto unknown = AuthenticatorId::fresh(people.clock.now(), people.random);
            CHECK(
                reason_of(revoke_authenticator(
                    tx, people.now(), unknown, RevokeCause::lost, people.acting(admin)
                )) == "authenticator.unknown"
            );
        });
        CHECK(why_of(step_up(people, admin, {{}, people.code(admin)})) == "totp.none");
    });
}

}  // namespace

}  // namespace sallyport::authn
