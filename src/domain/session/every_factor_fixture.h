#pragma once
// For tests: a person of each role who holds every factor, and signs in with the ones that are
// asked for, through the real flows.

#include "tests/support/phone.h"
#include "tests/support/webauthn_ceremony.h"

#include "domain/authn/certificate/card_fixture.h"
#include "domain/authn/certificate/card_sign_in.h"
#include "domain/authn/own_security_keys.h"
#include "domain/authn/passkey_sign_in.h"
#include "domain/authn/push/own_phones.h"
#include "domain/authn/push/push_sign_in.h"
#include "domain/authn/sign_in.h"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sallyport::session {

// What somebody holds besides a passphrase, an app and recovery codes.
struct Held {
    test::TestPerson person;
    Bytes user_handle;          // of both keys
    test::CeremonyPlan key;     // can't be copied
    test::CeremonyPlan synced;  // its maker copies it
    authn::PresentedCard card;  // asks for its PIN
    test::Phone phone;
    crypto::Secret phone_session;  // what its browser shows
};

class EveryFactor : public authn::CardDesk {
public:
    using Proof = Result<authn::AuthenticationProof>;

    explicit EveryFactor(store::Database& database) : CardDesk(database) {
        people.context.relying_party = {
            .id = test::CeremonyPlan().rp_id, .origins = {test::CeremonyPlan().origin}
        };
    }

    // Binds whatever `person` has not got yet. `number` tells the holders apart.
    Held equip(test::TestPerson person, int number) {
        test::CeremonyPlan key;
        key.flags |= test::flag_uv;
        key.credential_id = Bytes(32, static_cast<std::byte>(number));
        auto synced = key;
        synced.key = test::SigningKey();
        synced.flags |= test::flag_be | test::flag_bs;
        synced.credential_id.front() = std::byte{0xFF};
        auto user_handle = add_key(person, key);
        CHECK(add_key(person, synced) == user_handle);
        const auto card = authn::card_number(number);
        REQUIRE(bind(person, card).has_value());
        test::Phone phone("https://sign-in.hospital.example");
        auto phone_session = add_phone(person, phone);
        return {
            .person = std::move(person),
            .user_handle = std::move(user_handle),
            .key = std::move(key),
            .synced = std::move(synced),
            .card = card,
            .phone = std::move(phone),
            .phone_session = std::move(phone_session),
        };
    }

    // Shows the combination of that name (authn/factor_combination.h), or the passphrase and then a
    // key or a card that asks for no PIN. The hash is left out: thousands of them would take
    // minutes.
    Proof show(
        store::Tx& tx,
        std::string_view combination,
        const Held& by,
        const policy::Policy& policy,
        const audit::Where& where
    ) {
        const Showing showing{.tx = tx, .by = by, .policy = policy, .where = where};
        if (combination == "security_key") return key_alone(showing, by.key);
        if (combination == "synced_passkey") return key_alone(showing, by.synced);
        if (combination == "smart_card") return card_alone(showing);
        SP_TRY(auto begun, passphrase(showing));
        if (begun.proof) return *std::move(begun.proof);
        const auto flow = begun.token.expose();
        if (combination == "passphrase_and_app") {
            return code(showing, flow, people.code(by.person));
        }
        if (combination == "passphrase_and_recovery_code") {
            return code(showing, flow, by.person.recovery_codes.front());
        }
        if (combination == "passphrase_and_phone") return on_phone(showing, flow);
        if (combination == "passphrase_and_security_key") return key_beside(showing, flow);
        if (combination == "passphrase_and_smart_card") return card_beside(showing, flow);
        REQUIRE(combination == "passphrase");
        return refuse(Refusal::denied, "test.second_form_follows");
    }

private:
    struct Showing {
        store::Tx& tx;
        const Held& by;
        const policy::Policy& policy;
        const audit::Where& where;
    };

    struct Begun {
        crypto::Secret token;
        std::optional<authn::AuthenticationProof> proof;
    };

    // The account's user handle.
    Bytes add_key(const test::TestPerson& person, test::CeremonyPlan plan) {
        const authn::OwnSecurityKeys own(people.context);
        const auto by = people.acting(person);
        const auto session = SessionId::fresh(people.clock.now(), people.random);
        return write([&](store::Tx& tx, const Moment& now) {
            const authn::OwnSecurityKeys::Asking asking{person.account, session.bytes()};
            const auto asked = own.begin(tx, now, people.policy, asking, by);
            REQUIRE(asked.has_value());
            plan.challenge = asked->challenge;
            const authn::NewKey made{
                .credential_id = plan.credential_id,
                .client_data_json = test::client_data_json(plan),
                .attestation_object = test::attestation_object(plan, test::Statement{}),
                .transports = "usb",
            };
            const auto bound = own.finish(tx, now, people.policy, asking, "A key", made, by);
            REQUIRE_MESSAGE(bound.has_value(), authn::reason_of(bound));
            return asked->user_handle;
        });
    }

    crypto::Secret add_phone(const test::TestPerson& person, const test::Phone& phone) {
        const authn::OwnPhones own(people.context);
        const auto by = people.acting(person);
        return write([&](store::Tx& tx, const Moment& now) {
            const auto begun = own.begin(tx, now, person.account, "My phone", by);
            REQUIRE(begun.has_value());
            const authn::OwnPhones::NewPhone made{
                .public_key = phone.spki(),
                .signature = phone.enrol(begun->id, begun->challenge),
                .origin = phone.origin(),
                .training_read = authn::push_training_version,
            };
            auto shown = own.finish(tx, now, person.account, begun->id, made, by);
            REQUIRE_MESSAGE(shown.has_value(), authn::reason_of(shown));
            return *std::move(shown);
        });
    }

    Result<Begun> passphrase(const Showing& showing) {
        const auto& [tx, by, policy, where] = showing;
        const authn::SignIn sign_in(people.context);
        const authn::SignIn::Typed typed{.identifier = by.person.login_name};
        SP_TRY(auto begun, sign_in.begin(tx, people.now(), policy, typed, where));
        const auto flow = begun.token.expose();
        SP_TRY(auto next, sign_in.record(tx, people.now(), policy, flow, {.correct = true}, where));
        return Begun{.token = std::move(begun.token), .proof = std::move(next.proof)};
    }

    Proof code(const Showing& showing, BytesView flow, std::string_view typed) {
        const auto& [tx, by, policy, where] = showing;
        const authn::SignIn sign_in(people.context);
        SP_TRY(auto admitted, sign_in.submit_code(tx, people.now(), policy, flow, typed, where));
        if (admitted.rebinding) return refuse(Refusal::denied, "test.key_asked_for");
        return *std::move(admitted.proof);
    }

    Proof on_phone(const Showing& showing, BytesView flow) {
        const auto& [tx, by, policy, where] = showing;
        const authn::PushSignIn push(people.context);
        const auto shown_by_phone = by.phone_session.expose();
        SP_TRY(const auto asked, push.ask(tx, people.now(), flow, where));
        SP_TRY(const auto prompt, authn::push_prompt(tx, people.now(), shown_by_phone));
        REQUIRE(prompt.has_value());
        const auto answer =
            by.phone.answer(prompt->attempt, authn::PushDecision::approve, asked.waiting.number);
        const auto taken = authn::answer_push(
            tx, people.now(), shown_by_phone, answer, by.phone.origin(), people.where
        );
        SP_CHECK(taken.result);
        SP_TRY(auto proof, push.submit(tx, people.now(), policy, flow, where));
        return *std::move(proof);
    }

    static authn::KeyAnswer asserted(const test::CeremonyPlan& plan) {
        return {
            .credential_id = plan.credential_id,
            .client_data_json = test::client_data_json(plan),
            .authenticator_data = test::authenticator_data(plan),
            .signature = plan.key.sign(test::signed_bytes(plan)),
            .user_handle = std::nullopt,
        };
    }

    Proof key_alone(const Showing& showing, const test::CeremonyPlan& key) {
        const auto& [tx, by, policy, where] = showing;
        const authn::PasskeySignIn sign_in(people.context);
        const Bytes browser(32, std::byte{7});
        auto plan = test::assertion_plan(key);
        plan.challenge = sign_in.offer(people.now(), browser);
        auto answer = asserted(plan);
        answer.user_handle = by.user_handle;
        return sign_in.submit(tx, people.now(), policy, browser, answer, where);
    }

    Proof key_beside(const Showing& showing, BytesView flow) {
        const auto& [tx, by, policy, where] = showing;
        const authn::SignIn sign_in(people.context);
        auto plan = test::assertion_plan(by.key);
        plan.flags &= static_cast<std::uint8_t>(~test::flag_uv);
        SP_TRY(const auto asked, sign_in.offer_key(tx, people.now(), flow));
        plan.challenge = asked.challenge;
        return sign_in.submit_key(tx, people.now(), policy, flow, asserted(plan), where);
    }

    static audit::Actor nobody_yet(const Showing& showing) {
        return {.who = {}, .where = showing.where, .factor = {}, .session = {}};
    }

    // To the card host and back.
    Result<authn::CardAnswer> shown_there(
        const Showing& showing, const authn::CardAsked& asked, const authn::PresentedCard& card
    ) {
        const auto& [tx, by, policy, where] = showing;
        SP_TRY(
            const auto presentation,
            authn::redeem_card_code(tx, people.now(), people.context, asked.code.expose(), where)
        );
        SP_TRY(const auto settled, authn::settle_card(tx, people.now(), presentation, card, where));
        return authn::CardAnswer{.token = bytes_of(asked.token), .code = bytes_of(settled.code)};
    }

    Proof card_alone(const Showing& showing) {
        const auto& [tx, by, policy, where] = showing;
        const authn::CardSignIn sign_in(people.context);
        SP_TRY(const auto asked, sign_in.ask(tx, people.now(), "/", nobody_yet(showing)));
        SP_TRY(const auto answer, shown_there(showing, asked, by.card));
        return sign_in.submit(tx, people.now(), policy, answer, where);
    }

    Proof card_beside(const Showing& showing, BytesView flow) {
        const auto& [tx, by, policy, where] = showing;
        const authn::SignIn sign_in(people.context);
        SP_TRY(
            const auto asked, sign_in.ask_card(tx, people.now(), flow, "/", nobody_yet(showing))
        );
        auto card = by.card;
        card.pin_asked = false;
        SP_TRY(const auto answer, shown_there(showing, asked, card));
        return sign_in.submit_card(tx, people.now(), policy, flow, answer, where);
    }
};

}  // namespace sallyport::session
