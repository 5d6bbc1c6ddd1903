#include "domain/authn/own_security_keys.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"
#include "tests/support/webauthn_ceremony.h"

#include "domain/authn/security_key.h"
#include "domain/authn/security_key_store.h"
#include "domain/authn/step_up.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;
using test::CeremonyPlan;
using test::People;
using test::TestPerson;

std::string reason_of(const auto& result) {
    return result ? "ok" : std::string(result.error().reason);
}

// Two people who are signed in, and keys in software.
class Keys {
public:
    explicit Keys(store::Database& database) : people(database) {
        people.context.relying_party = {
            .id = "sallyport.example.org", .origins = {"https://sallyport.example.org"}
        };
    }

    template <class F>
    auto write(F work) {
        return people.database().write(std::move(work));
    }

    // The whole registration of what `plan` makes, as `person`.
    Result<AcceptedKey> add(const TestPerson& person, CeremonyPlan plan) {
        const OwnSecurityKeys own(people.context);
        const auto by = people.acting(person);
        return write([&](store::Tx& tx) -> Result<AcceptedKey> {
            SP_TRY(
                const auto asked,
                own.begin(tx, people.now(), people.policy, {person.account, session.bytes()}, by)
            );
            plan.challenge = asked.challenge;
            const NewKey made{
                .credential_id = plan.credential_id,
                .client_data_json = test::client_data_json(plan),
                .attestation_object = test::attestation_object(plan, test::Statement{}),
                .transports = "usb",
            };
            return own.finish(
                tx,
                people.now(),
                people.policy,
                {person.account, session.bytes()},
                "Key ring",
                made,
                by
            );
        });
    }

    // A step-up with the credential, whose assertion is as `plan` says.
    Result<AuthenticationProof> show(const TestPerson& person, CeremonyPlan plan) {
        const StepUp flow(people.context);
        auto by = people.acting(person);
        by.session = session;
        return write([&](store::Tx& tx) -> Result<AuthenticationProof> {
            const auto asked =
                flow.offer_key(tx, people.now(), people.policy, person.account, session, "pwd+otp");
            plan.challenge = asked.challenge;
            const KeyAnswer answer{
                .credential_id = plan.credential_id,
                .client_data_json = test::client_data_json(plan),
                .authenticator_data = test::authenticator_data(plan),
                .signature = plan.key.sign(test::signed_bytes(plan)),
                .user_handle = std::nullopt,
            };
            const StepUp::Shown shown{.passphrase = std::nullopt, .code = {}, .key = answer};
            return flow.finish(
                tx, people.now(), people.policy, person.account, shown, by, "pwd+otp"
            );
        });
    }

    // Whose it is, its sign count and its backup state, of all that is stored.
    struct Row {
        std::string account;
        std::int64_t sign_count = 0;
        std::int64_t backup_state = 0;
        Bytes public_key;

        bool operator==(const Row&) const = default;
    };

    std::vector<Row> stored() {
        return write([](store::Tx& tx) {
            std::vector<Row> all;
            for (const auto& row : tx.query(
                     "SELECT a.account_id, c.sign_count, c.backup_state, c.public_key "
                     "FROM webauthn_credential c JOIN authenticator a ON a.id = c.authenticator_id",
                     {}
                 )) {
                all.push_back({row.text(0), row.integer(1), row.integer(2), row.blob(3)});
            }
            return all;
        });
    }

    std::int64_t authenticators() {
        return write([](store::Tx& tx) {
            return tx.query("SELECT COUNT(*) FROM authenticator", {}).front().integer(0);
        });
    }

    People people;
    TestPerson anna = people.first_administrator();
    TestPerson erik = people.enrolled(anna, "erik.engineer", "engineer");
    SessionId session = SessionId::fresh(people.clock.now(), people.random);
};

template <class Body>
void with_keys(Body body) {
    test::for_each_engine([&](store::Database& database) {
        Keys keys(database);
        body(keys);
    });
}

// WebAuthn §7.1 step 26.
TEST_CASE("a credential id that is registered is refused, whoever has it, and nothing is stored") {
    with_keys([](Keys& keys) {
        const CeremonyPlan first;
        REQUIRE(reason_of(keys.add(keys.erik, first)) == "ok");
        const auto before = keys.stored();
        REQUIRE(before.size() == 1);
        const auto authenticators = keys.authenticators();
        const auto bound = keys.people.events("cred.bound").size();

        CeremonyPlan another;  // the same id with a key pair of its own
        REQUIRE(another.credential_id == first.credential_id);
        for (const auto* person : {&keys.erik, &keys.anna}) {
            for (const auto& plan : {first, another}) {
                const auto refused = keys.add(*person, plan);
                CHECK(reason_of(refused) == "security_key.registered");
                CHECK(refused.error().kind == Refusal::conflict);
            }
        }
        CHECK(keys.stored() == before);
        CHECK(keys.authenticators() == authenticators);
        CHECK(keys.people.events("cred.bound").size() == bound);

        // Another id is taken.
        another.credential_id = Bytes(32, std::byte{0x33});
        CHECK(reason_of(keys.add(keys.anna, another)) == "ok");
        CHECK(keys.stored().size() == 2);
    });
}

// WebAuthn §7.2 step 24.
TEST_CASE("after an assertion its sign count and backup state are stored, after a wrong one not") {
    with_keys([](Keys& keys) {
        CeremonyPlan made;
        made.flags |= test::flag_be;  // it may be synced, and isn't yet
        REQUIRE(reason_of(keys.add(keys.erik, made)) == "ok");
        REQUIRE(keys.stored().front().sign_count == 1);
        REQUIRE(keys.stored().front().backup_state == 0);

        auto plan = test::assertion_plan(made);
        plan.sign_count = 41;
        plan.flags |= test::flag_bs;
        REQUIRE(keys.show(keys.erik, plan).has_value());
        CHECK(keys.stored().front().sign_count == 41);
        CHECK(keys.stored().front().backup_state == 1);

        // A copy, behind the count, and something that only looks right.
        plan.sign_count = 41;
        plan.flags &= static_cast<std::uint8_t>(~test::flag_bs);
        CHECK(reason_of(keys.show(keys.erik, plan)) == "step_up.refused");
        auto forged = plan;
        forged.sign_count = 90;
        forged.key = test::SigningKey();
        CHECK(reason_of(keys.show(keys.erik, forged)) == "step_up.refused");
        CHECK(keys.stored().front().sign_count == 41);
        CHECK(keys.stored().front().backup_state == 1);

        plan.sign_count = 42;
        REQUIRE(keys.show(keys.erik, plan).has_value());
        CHECK(keys.stored().front().sign_count == 42);
        CHECK(keys.stored().front().backup_state == 0);
    });
}

}  // namespace

}  // namespace sallyport::authn
