#include "domain/authn/recovery_code.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/authn/authenticator.h"
#include "domain/authn/key_rebinding.h"
#include "domain/authn/sign_in.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;
using test::People;
using test::TestPerson;

std::string why_of(const auto& result) {
    return result ? "ok" : result.error().detail;
}

std::int64_t left(People& people, const TestPerson& person) {
    return people.database().read([&](store::Tx& tx) {
        for (const auto& each : list_authenticators(tx, person.account)) {
            if (each.kind == AuthenticatorKind::recovery_codes) return each.left;
        }
        return std::int64_t{-1};
    });
}

Result<SignIn::Admitted> sign_in(
    People& people, const TestPerson& person, const std::string& code
) {
    const auto form = people.first_form(person.login_name, person.passphrase);
    REQUIRE(form.has_value());
    const SignIn flow(people.context);
    return people.database().write([&](store::Tx& tx) {
        return flow.submit_code(
            tx, people.now(), people.policy, form->token.expose(), code, people.where
        );
    });
}

template <class Body>
void with_engineer(Body body) {
    test::for_each_engine([&](store::Database& database) {
        People people(database);
        const auto admin = people.first_administrator();
        const auto engineer = people.enrolled(admin, "erik.engineer", "engineer");
        people.clock.advance(1min);
        body(people, admin, engineer);
    });
}

TEST_CASE("where codes are enough a recovery code is a second factor, once, and says what it was") {
    with_engineer([](People& people, const TestPerson& admin, const TestPerson& engineer) {
        const auto admitted = sign_in(people, engineer, engineer.recovery_codes[3]);
        REQUIRE(admitted.has_value());
        REQUIRE(admitted->proof.has_value());
        CHECK_FALSE(admitted->rebinding.has_value());
        CHECK(admitted->proof->strength() == policy::Strength::two_factors);
        CHECK(admitted->proof->factor().amr == "pwd+recovery");
        CHECK(is_by_recovery_code(admitted->proof->factor()));
        CHECK(people.events("cred.recovery_code_used").size() == 1);
        CHECK(
            why_of(sign_in(people, engineer, engineer.recovery_codes[3])) == "recovery_code.used"
        );
        CHECK(left(people, engineer) == 9);
        CHECK(why_of(sign_in(people, engineer, admin.recovery_codes[0])) == "recovery_code.wrong");
    });
}

TEST_CASE("where a key is asked for a recovery code opens its binding, and stays good until then") {
    with_engineer([](People& people, const TestPerson&, const TestPerson& engineer) {
        people.policy = policy::demanding_at(policy::default_policy(), people.clock.now());
        const auto& code = engineer.recovery_codes[0];
        const auto first = sign_in(people, engineer, code);
        REQUIRE(first.has_value());
        CHECK_FALSE(first->proof.has_value());
        REQUIRE(first->rebinding.has_value());
        const auto second = sign_in(people, engineer, code);
        REQUIRE(second.has_value());
        REQUIRE(second->rebinding.has_value());
        CHECK(left(people, engineer) == 10);
        CHECK(people.events("recovery.requested").size() == 2);

        // One binding at a time, the latest, for fifteen minutes.
        const KeyRebinding binding(people.context);
        const auto offer = [&](const crypto::Secret& token) {
            return people.database().write([&](store::Tx& tx) -> std::string {
                const auto offered = binding.offer_key(
                    tx, people.now(), people.policy, token.expose(), people.where
                );
                return offered ? "ok" : std::string(offered.error().reason);
            });
        };
        CHECK(offer(*first->rebinding) == "rebinding.over");
        CHECK(offer(*second->rebinding) == "ok");
        people.clock.advance(15min);
        CHECK(offer(*second->rebinding) == "rebinding.over");
        people.database().write([&](store::Tx& tx) { sweep(tx, people.now()); });
        const auto rows = people.database().read([](store::Tx& tx) {
            return tx.query("SELECT COUNT(*) FROM key_rebinding").front().integer(0);
        });
        CHECK(rows == 0);
        CHECK(left(people, engineer) == 10);
    });
}

}  // namespace

}  // namespace sallyport::authn
