#include "domain/authn/certificate/card_sign_in.h"

#include "domain/authn/certificate/bound_card.h"
#include "domain/authn/certificate/card_fixture.h"
#include "domain/authn/sign_in.h"
#include "domain/authn/step_up.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;
using directory::AccountState;
using policy::Strength;

// Erik, an engineer, and what his card is.
struct Ward {
    explicit Ward(CardDesk& at)
        : desk(at),
          anna(at.people.first_administrator()),
          erik(at.people.enrolled(anna, "erik", "engineer")) {}

    static void on_each_engine(const std::function<void(Ward&)>& body) {
        CardDesk::on_each_engine([&](CardDesk& desk) {
            Ward ward(desk);
            body(ward);
        });
    }

    Result<AuthenticationProof> alone(const PresentedCard& card) {
        const auto& people = desk.people;
        const CardSignIn sign_in(people.context);
        const audit::Actor nobody{.who = {}, .where = people.where, .factor = {}, .session = {}};
        const auto asked = desk.write([&](store::Tx& tx, const Moment& now) {
            return sign_in.ask(tx, now, "/", nobody);
        });
        REQUIRE(asked.has_value());
        const auto answer = desk.through_card_host(*asked, card);
        return desk.write([&](store::Tx& tx, const Moment& now) {
            return sign_in.submit(tx, now, people.policy, answer, people.where);
        });
    }

    Result<AuthenticationProof> second(std::string_view passphrase, const PresentedCard& card) {
        auto& people = desk.people;
        const SignIn sign_in(people.context);
        const auto flow = people.first_form(erik.login_name, passphrase);
        REQUIRE(flow.has_value());
        const audit::Actor nobody{.who = {}, .where = people.where, .factor = {}, .session = {}};
        const auto token = flow->token.expose();
        const auto asked = desk.write([&](store::Tx& tx, const Moment& now) {
            return sign_in.ask_card(tx, now, token, "/", nobody);
        });
        REQUIRE(asked.has_value());
        const auto answer = desk.through_card_host(*asked, card);
        return desk.write([&](store::Tx& tx, const Moment& now) {
            return sign_in.submit_card(tx, now, people.policy, token, answer, people.where);
        });
    }

    Result<AuthenticationProof> step_up(const PresentedCard& card) {
        auto& people = desk.people;
        const StepUp step_up(people.context);
        auto actor = people.acting(erik);
        actor.session = SessionId::fresh(people.clock.now(), people.random);
        const auto asked = desk.write([&](store::Tx& tx, const Moment& now) {
            return step_up.ask_card(tx, now, *actor.session, "/", actor);
        });
        REQUIRE(asked.has_value());
        const auto answer = desk.through_card_host(*asked, card);
        return desk.write([&](store::Tx& tx, const Moment& now) -> Result<AuthenticationProof> {
            SP_TRY(auto taken, step_up.take_card(tx, now, *actor.session, answer, people.where));
            const StepUp::Shown shown{
                .passphrase = std::nullopt, .code = {}, .card = std::move(taken.card)
            };
            return step_up.finish(tx, now, people.policy, erik.account, shown, actor, "pwd+otp");
        });
    }

    CardDesk& desk;
    test::TestPerson anna;
    test::TestPerson erik;
};

TEST_CASE("S1-22 (part): a card that is bound signs its one person in, as the operator vouches") {
    Ward::on_each_engine([](Ward& ward) {
        const auto id = ward.desk.bind(ward.erik, card_number(1));
        REQUIRE(id.has_value());
        const auto proof = ward.alone(card_number(1));
        REQUIRE(proof.has_value());
        CHECK(proof->account() == ward.erik.account);
        CHECK(proof->strength() == Strength::device_bound);
        CHECK(proof->factor().amr == "sc+pin");
        CHECK(proof->factor().aal == 3);
        CHECK(proof->factor().phishing_resistant);
        CHECK(proof->factor().authenticator_id == id->text());

        auto copyable = card_number(1);
        copyable.key_in_hardware = false;
        const auto weaker = ward.alone(copyable);
        REQUIRE(weaker.has_value());
        CHECK(weaker->strength() == Strength::phishing_resistant);
        CHECK(weaker->factor().amr == "pop+pin");
        CHECK(weaker->factor().aal == 2);
    });
}

TEST_CASE("a card whose PIN nobody vouches for is one factor alone, and a second beside another") {
    Ward::on_each_engine([](Ward& ward) {
        REQUIRE(ward.desk.bind(ward.erik, card_number(1)).has_value());
        auto card = card_number(1);
        card.pin_asked = false;
        CHECK(reason_of(ward.alone(card)) == "authn.too_weak");
        CHECK(ward.desk.last_reason("authn.failure") == "authn.too_weak");
        const auto proof = ward.second(ward.erik.passphrase, card);
        REQUIRE(proof.has_value());
        CHECK(proof->strength() == Strength::device_bound);
        CHECK(proof->factor().amr == "pwd+sc");
    });
}

TEST_CASE(
    "S1-21 (part): where no key may be copied, a card that nobody vouches for confirms nothing"
) {
    Ward::on_each_engine([](Ward& ward) {
        for (auto& role : ward.desk.people.policy.roles) {
            if (role.name == ward.erik.role) role.strength = Strength::device_bound;
        }
        REQUIRE(ward.desk.bind(ward.erik, card_number(1)).has_value());
        auto copyable = card_number(1);
        copyable.key_in_hardware = false;
        CHECK(reason_of(ward.step_up(copyable)) == "step_up.refused");
        CHECK(ward.desk.last_reason("stepup.failure") == "card.can_be_copied");
        CHECK(reason_of(ward.step_up(card_number(1))) == "ok");
    });
}

TEST_CASE("S1-22 (part): a card of nobody's, suspended, run out or of a closed account is refused"
) {
    Ward::on_each_engine([](Ward& ward) {
        CHECK(reason_of(ward.alone(card_number(1))) == "card.not_accepted");
        CHECK(ward.desk.last_reason("authn.failure") == "card.unknown");

        const auto id = ward.desk.bind(ward.erik, card_number(1));
        REQUIRE(id.has_value());
        const auto actor = ward.desk.people.acting(ward.erik);
        const auto change = [&](auto work) {
            REQUIRE(ward.desk.write([&](store::Tx& tx, const Moment& now) { return work(tx, now); }
            ).has_value());
        };
        change([&](store::Tx& tx, const Moment& now) {
            return suspend_authenticator(tx, now, *id, actor);
        });
        CHECK(reason_of(ward.alone(card_number(1))) == "card.not_accepted");
        change([&](store::Tx& tx, const Moment& now) {
            return resume_authenticator(tx, now, *id, actor);
        });
        CHECK(reason_of(ward.alone(card_number(1))) == "ok");

        const auto set_state = [&](AccountState state) {
            ward.desk.write([&](store::Tx& tx, const Moment&) {
                directory::set_account_state(tx, ward.erik.account, state);
            });
        };
        set_state(AccountState::disabled);
        CHECK(reason_of(ward.alone(card_number(1))) == "card.not_accepted");
        CHECK(ward.desk.last_reason("authn.failure") == "account.not_active");
        set_state(AccountState::active);

        change([&](store::Tx& tx, const Moment& now) {
            return set_expiry(tx, now, *id, now.now + 1h, actor);
        });
        ward.desk.people.clock.advance(1h);
        CHECK(reason_of(ward.alone(card_number(1))) == "card.not_accepted");
        change([&](store::Tx& tx, const Moment& now) {
            return revoke_authenticator(tx, now, *id, RevokeCause::lost, actor);
        });
        CHECK(reason_of(ward.alone(card_number(1))) == "card.not_accepted");
    });
}

TEST_CASE("S1-22 (part): one certificate is one account's; a second one is refused for ever") {
    Ward::on_each_engine([](Ward& ward) {
        const auto id = ward.desk.bind(ward.erik, card_number(1));
        REQUIRE(id.has_value());
        CHECK(reason_of(ward.desk.bind(ward.anna, card_number(1))) == "card.bound");
        CHECK(reason_of(ward.desk.bind(ward.erik, card_number(1))) == "card.bound");
        // The same key in another certificate; the same number of the same issuer.
        auto renewed = card_number(2);
        renewed.key_digest = card_number(1).key_digest;
        CHECK(reason_of(ward.desk.bind(ward.anna, renewed)) == "card.bound");
        auto namesake = card_number(3);
        namesake.serial = card_number(1).serial;
        CHECK(reason_of(ward.desk.bind(ward.anna, namesake)) == "card.bound");
        namesake.issuer_key = Bytes(32, std::byte{9});
        CHECK(reason_of(ward.desk.bind(ward.anna, namesake)) == "ok");
        REQUIRE(ward.desk
                    .write([&](store::Tx& tx, const Moment& now) {
                        return revoke_authenticator(
                            tx, now, *id, RevokeCause::lost, ward.desk.people.acting(ward.erik)
                        );
                    })
                    .has_value());
        CHECK(reason_of(ward.desk.bind(ward.anna, card_number(1))) == "card.bound");
    });
}

TEST_CASE("S1-28: a bound card has its certificate's serial and end, and opens nothing after that"
) {
    Ward::on_each_engine([](Ward& ward) {
        const auto id = ward.desk.bind(ward.erik, card_number(1));
        REQUIRE(id.has_value());
        const auto bound = ward.desk.people.database().read([&](store::Tx& tx) {
            return find_authenticator(tx, *id).value();
        });
        CHECK(bound.kind == AuthenticatorKind::certificate);
        CHECK(bound.label == "My card");
        CHECK(bound.serial == "1001");
        CHECK(bound.expires_at == card_number(1).valid_until);
        CHECK_FALSE(bound.can_be_copied);
        const auto told =
            nlohmann::json::parse(ward.desk.people.events("cred.bound").front().leaf_json);
        CHECK(told["fields"]["aaguid_or_serial"] == "1001");
        CHECK(ward.desk.people.events("cred.enrolment_started").size() == 1);

        auto& clock = ward.desk.people.clock;
        const auto ways_in = [&] {
            return std::vector{
                reason_of(ward.alone(card_number(1))),
                reason_of(ward.second(ward.erik.passphrase, card_number(1))),
                reason_of(ward.step_up(card_number(1))),
            };
        };
        clock.advance(card_number(1).valid_until - 1s - clock.now());
        CHECK(ways_in() == std::vector<std::string>{"ok", "ok", "ok"});
        clock.advance(1s);
        const std::vector<std::string> none{
            "card.not_accepted", "authn.refused", "step_up.refused"
        };
        CHECK(ways_in() == none);
    });
}

TEST_CASE("S1-26: no card is bound to a person whose identity nobody checked") {
    Ward::on_each_engine([](Ward& ward) {
        ward.desk.write([](store::Tx& tx, const Moment&) {
            tx.execute("DELETE FROM identity_proofing");
        });
        CHECK(reason_of(ward.desk.bind(ward.erik, card_number(1))) == "identity.not_proofed");
    });
}

TEST_CASE("the card of an enrolment comes back in the session that began it") {
    Ward::on_each_engine([](Ward& ward) {
        auto& people = ward.desk.people;
        const auto session = SessionId::fresh(people.clock.now(), people.random);
        const auto other = SessionId::fresh(people.clock.now(), people.random);
        const auto asked = ward.desk.begin(ward.erik, session);
        REQUIRE(asked.has_value());
        const auto answer = ward.desk.through_card_host(*asked, card_number(1));
        CHECK(reason_of(ward.desk.finish(ward.anna, other, answer)) == "card.over");
        CHECK(ward.desk.last_reason("authn.failure") == "card.other_flow");
    });
}

TEST_CASE("after the passphrase, the account's own card and no other; a wrong one stays wrong") {
    Ward::on_each_engine([](Ward& ward) {
        REQUIRE(ward.desk.bind(ward.erik, card_number(1)).has_value());
        REQUIRE(ward.desk.bind(ward.anna, card_number(2)).has_value());
        CHECK(reason_of(ward.second(ward.erik.passphrase, card_number(1))) == "ok");
        CHECK(reason_of(ward.second(ward.erik.passphrase, card_number(2))) == "authn.refused");
        CHECK(ward.desk.last_reason("authn.failure") == "card.unknown");
        CHECK(reason_of(ward.second("not the passphrase", card_number(1))) == "authn.refused");
        CHECK(ward.desk.last_reason("authn.failure") == "passphrase.wrong");
    });
}

TEST_CASE("a card is enough for step-up where the role asks for a key that can't be copied") {
    Ward::on_each_engine([](Ward& ward) {
        REQUIRE(ward.desk.bind(ward.erik, card_number(1)).has_value());
        ward.desk.people.policy = policy::default_policy();
        const auto proof = ward.step_up(card_number(1));
        REQUIRE(proof.has_value());
        CHECK(proof->factor().amr == "sc+pin");
        CHECK(reason_of(ward.step_up(card_number(2))) == "step_up.refused");
        CHECK(ward.desk.last_reason("stepup.failure") == "card.unknown");
    });
}

}  // namespace

}  // namespace sallyport::authn
