#include "domain/authn/push/push_sign_in.h"

#include "domain/authn/push/push_fixture.h"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;

// Asked and answered with the number off by that much.
struct Answered {
    crypto::Secret flow;
    Result<void> answer;
};

Answered answered(PushWard& ward, const PushWard::Enrolled& enrolled, int off = 0) {
    auto flow = ward.first_form(ward.erik.passphrase);
    const auto asked = ward.ask(flow);
    REQUIRE(asked.has_value());
    const auto attempt = ward.shown(enrolled).attempt;
    const int shown = asked->waiting.number;
    const int number = off == 0 ? shown : (shown == 99 ? 98 : shown + off);
    auto answer =
        ward.answer(enrolled.token, ward.phone.answer(attempt, PushDecision::approve, number));
    return {std::move(flow), std::move(answer)};
}

TEST_CASE("S1-20: the displayed number, typed on the phone, signs in, once") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        const auto flow = ward.first_form(ward.erik.passphrase);
        const auto asked = ward.ask(flow);
        CHECK_FALSE(ward.submit(flow)->has_value());  // not yet
        const auto attempt = ward.shown(enrolled).attempt;
        const auto good = ward.phone.answer(attempt, PushDecision::approve, asked->waiting.number);
        CHECK(reason_of(ward.answer(enrolled.token, good)) == "ok");
        CHECK(ward.waiting(flow)->approved);

        const auto proof = ward.submit(flow);
        REQUIRE(proof.has_value());
        REQUIRE(proof->has_value());
        CHECK((*proof)->account() == ward.erik.account);
        // Two factors, and not phishing-resistant (SP 800-63B-4 §3.2.5).
        CHECK((*proof)->strength() == policy::Strength::two_factors);
        CHECK((*proof)->factor().amr == "pwd+swk");
        CHECK((*proof)->factor().aal == 2);
        CHECK_FALSE((*proof)->factor().phishing_resistant);
        CHECK((*proof)->factor().authenticator_id.contains(enrolled.id.text()));

        // One use: of the answer, and of the approval.
        CHECK(reason_of(ward.answer(enrolled.token, good)) == "push.attempt_over");
        CHECK(reason_of(ward.submit(flow)) == "authn.flow_over");
        const auto again = ward.first_form(ward.erik.passphrase);
        (void)ward.ask(again);
        CHECK(reason_of(ward.answer(enrolled.token, good)) == "push.attempt_over");
    });
}

TEST_CASE("S1-20: another number than the displayed one fails the attempt") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        const auto wrong = answered(ward, enrolled, 1);
        CHECK(reason_of(wrong.answer) == "push.number_wrong");
        CHECK_FALSE(ward.waiting(wrong.flow)->approved);
        CHECK_FALSE(ward.prompt(enrolled.token)->has_value());
        ward.people.clock.advance(60s);
        CHECK(reason_of(ward.submit(wrong.flow)) == "authn.refused");
        const auto failures = ward.people.events("authn.failure");
        REQUIRE(failures.size() == 1);
        CHECK(failures.front().leaf_json.contains("push.not_approved"));
    });
}

TEST_CASE("S1-20: the number is bound to its login, and worth nothing for another") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        // A stranger with the passphrase asks first; its holder a moment later.
        const auto strangers = ward.first_form(ward.erik.passphrase);
        (void)ward.ask(strangers);
        const auto own = answered(ward, enrolled);
        CHECK(reason_of(own.answer) == "ok");
        CHECK_FALSE(ward.waiting(strangers)->approved);
        CHECK_FALSE(ward.submit(strangers)->has_value());
        CHECK(ward.submit(own.flow)->has_value());
        ward.people.clock.advance(60s);
        CHECK(reason_of(ward.submit(strangers)) == "authn.refused");
    });
}

TEST_CASE("S1-24: a phone lets nobody in whose role asks for a factor that resists phishing") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        const auto approved = answered(ward, enrolled);
        REQUIRE(reason_of(approved.answer) == "ok");
        for (auto& role : ward.people.policy.roles) {
            role.strength = policy::required_strength(role.risk);
        }
        CHECK(reason_of(ward.submit(approved.flow)) == "authn.too_weak");
        CHECK(ward.people.events("authn.failure").front().leaf_json.contains("authn.too_weak"));
        // The approval is used up all the same.
        CHECK(reason_of(ward.submit(approved.flow)) == "authn.flow_over");
    });
}

TEST_CASE("S1-28: an expired phone is asked nothing, and what it approved before opens nothing") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        const auto end = ward.people.clock.now() + 1h;
        REQUIRE(ward.write([&](store::Tx& tx, const Moment& moment) {
                        return set_expiry(
                            tx, moment, enrolled.id, end, ward.people.acting(ward.erik)
                        );
                    }
        ).has_value());
        ward.people.clock.advance(end - 1s - ward.people.clock.now());
        const auto approved = answered(ward, enrolled);
        REQUIRE(reason_of(approved.answer) == "ok");
        ward.people.clock.advance(1s);
        CHECK(reason_of(ward.submit(approved.flow)) == "authn.refused");
        CHECK(ward.people.events("authn.failure").front().leaf_json.contains("push.phone_unusable")
        );
        // The page asks as always; no phone hears of it.
        const auto flow = ward.first_form(ward.erik.passphrase);
        CHECK(ward.ask(flow).has_value());
        CHECK(reason_of(ward.prompt(enrolled.token)) == "push.phone_unknown");
    });
}

TEST_CASE("S1-20: a question is over after 60 seconds, answered or not") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        auto flow = ward.first_form(ward.erik.passphrase);
        auto asked = ward.ask(flow);
        auto attempt = ward.shown(enrolled).attempt;
        ward.people.clock.advance(60s);
        CHECK_FALSE(ward.prompt(enrolled.token)->has_value());
        CHECK(
            reason_of(ward.answer(
                enrolled.token,
                ward.phone.answer(attempt, PushDecision::approve, asked->waiting.number)
            )) == "push.attempt_over"
        );
        CHECK(reason_of(ward.submit(flow)) == "authn.refused");

        const auto unused = answered(ward, enrolled);
        CHECK(reason_of(unused.answer) == "ok");
        ward.people.clock.advance(60s);
        CHECK(reason_of(ward.submit(unused.flow)) == "authn.refused");
    });
}

TEST_CASE("nobody at the page learns whether anybody was asked") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        std::vector<crypto::Secret> flows;
        flows.push_back(ward.first_form("not the passphrase"));
        flows.push_back(ward.first_form("whatever", "nobody.at.all"));
        flows.push_back(ward.first_form(ward.anna.passphrase, ward.anna.login_name));  // no phone
        for (const auto& flow : flows) {
            const auto asked = ward.ask(flow);
            REQUIRE(asked.has_value());
            CHECK(asked->wake.empty());
            CHECK(asked->waiting.ends_at == ward.people.clock.now() + 60s);
            CHECK_FALSE(ward.waiting(flow)->approved);
            CHECK_FALSE(ward.submit(flow)->has_value());
        }
        CHECK_FALSE(ward.prompt(enrolled.token)->has_value());
        CHECK(ward.people.events("authn.push_sent").empty());
        ward.people.clock.advance(60s);
        for (const auto& flow : flows) {
            CHECK(reason_of(ward.submit(flow)) == "authn.refused");
        }
    });
}

TEST_CASE("a phone or an account that was taken away since the answer signs nobody in") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        const auto lost = answered(ward, enrolled);
        CHECK(reason_of(lost.answer) == "ok");
        ward.suspend(enrolled.id);
        CHECK(reason_of(ward.submit(lost.flow)) == "authn.refused");

        ward.phone = test::Phone(ward.phone.origin());
        const auto other = ward.enrol(ward.phone);
        const auto closed = answered(ward, other);
        CHECK(reason_of(closed.answer) == "ok");
        ward.write([&](store::Tx& tx, const Moment&) {
            directory::set_account_state(tx, ward.erik.account, directory::AccountState::disabled);
        });
        CHECK(reason_of(ward.submit(closed.flow)) == "authn.refused");
    });
}

TEST_CASE("a code signs in while the phone is asked, and a flow that asked nothing has no answer") {
    PushWard::on_each_engine([](PushWard& ward) {
        (void)ward.enrol(ward.phone);
        const auto flow = ward.first_form(ward.erik.passphrase);
        CHECK(reason_of(ward.waiting(flow)) == "authn.flow_over");
        CHECK(reason_of(ward.submit(flow)) == "authn.flow_over");
        (void)ward.ask(flow);
        ward.people.clock.advance(30s);
        CHECK(ward.people.second_form(flow, ward.people.code(ward.erik)).has_value());
        CHECK(reason_of(ward.submit(flow)) == "authn.flow_over");
        CHECK(reason_of(ward.ask(crypto::Secret::random(32))) == "authn.flow_over");
    });
}

}  // namespace

}  // namespace sallyport::authn
