#include "domain/authn/push/push_attempt.h"

#include "domain/authn/person_notice.h"
#include "domain/authn/push/push_fixture.h"

#include <doctest/doctest.h>

#include <set>
#include <vector>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;

TEST_CASE("S1-25: the phone shows the application, the place and the time, and not the number") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        CHECK_FALSE(ward.prompt(enrolled.token)->has_value());
        ward.people.where.workstation = "WS-12";
        ward.people.where.zone = "ward-3";
        const auto flow = ward.first_form(ward.erik.passphrase);
        const auto asked = ward.ask(flow);
        REQUIRE(asked.has_value());
        CHECK(asked->waiting.number >= push_number_min);
        CHECK(asked->waiting.number <= push_number_max);
        const auto prompt = ward.shown(enrolled);
        CHECK(prompt.application == ward.people.context.issuer);
        CHECK(prompt.place == "WS-12 in ward-3 (192.0.2.7)");
        CHECK(prompt.asked_at == ward.people.clock.now());
        CHECK(prompt.ends_at == prompt.asked_at + 60s);
        const auto sent = ward.people.events("authn.push_sent");
        REQUIRE(sent.size() == 1);
        CHECK(sent.front().leaf_json.contains("number_match"));
        CHECK_FALSE(sent.front().leaf_json.contains("192.0.2.7"));
    });
}

TEST_CASE("S1-25: the third question that nobody answers suspends push when its minute is over") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        const auto second = ward.enrol(test::Phone(ward.phone.origin()));
        ward.asked_in_vain();
        ward.asked_in_vain();
        CHECK(ward.state_of(enrolled.id) == AuthenticatorState::active);
        CHECK(ward.alerts.empty());
        ward.asked_in_vain();
        CHECK(ward.people.events("authn.push_denied").size() == 3);
        CHECK(ward.state_of(enrolled.id) == AuthenticatorState::suspended);
        CHECK(ward.state_of(second.id) == AuthenticatorState::suspended);
        CHECK(ward.people.events("cred.suspended").size() == 2);
        CHECK(ward.alerts == std::vector{PushAlertKind::bombing});
        CHECK(ward.notices().contains(NoticeKind::authenticator_suspended));

        // The page waits as ever; nobody is asked, and nothing is told again.
        const auto flow = ward.first_form(ward.erik.passphrase);
        REQUIRE(ward.ask(flow).has_value());
        CHECK(reason_of(ward.prompt(enrolled.token)) == "push.phone_unknown");
        CHECK(ward.people.events("authn.push_sent").size() == 3);
        CHECK(ward.alerts.size() == 1);
    });
}

TEST_CASE("S1-25: without the job, the next question suspends push before it is sent") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        for (int i = 0; i < push_unapproved_max; ++i) {
            REQUIRE(ward.ask(ward.first_form(ward.erik.passphrase)).has_value());
            ward.people.clock.advance(61s);
        }
        const auto asked = ward.ask(ward.first_form(ward.erik.passphrase));
        REQUIRE(asked.has_value());
        CHECK(asked->wake.empty());
        CHECK(ward.state_of(enrolled.id) == AuthenticatorState::suspended);
        CHECK(ward.people.events("authn.push_sent").size() == 3);
        CHECK(ward.alerts == std::vector{PushAlertKind::bombing});
    });
}

TEST_CASE("S1-25: the third no suspends push at once, and what it ended stays ended") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        ward.asked_and(enrolled, PushDecision::deny);
        ward.asked_in_vain();
        const auto flow = ward.first_form(ward.erik.passphrase);
        const auto asked = ward.ask(flow);
        const int wrong =
            asked->waiting.number == push_number_max ? push_number_min : asked->waiting.number + 1;
        const auto given =
            ward.phone.answer(ward.shown(enrolled).attempt, PushDecision::approve, wrong);
        CHECK(reason_of(ward.answer(enrolled.token, given)) == "push.number_wrong");
        CHECK(ward.state_of(enrolled.id) == AuthenticatorState::suspended);
        // Refused, and told of all the same.
        CHECK(ward.alerts == std::vector{PushAlertKind::bombing});
        // Whoever is at the page sees what they would have seen without a phone.
        CHECK(ward.waiting(flow)->number == asked->waiting.number);
        CHECK_FALSE(ward.submit(flow)->has_value());
        ward.people.clock.advance(push_attempt_max);
        CHECK(reason_of(ward.submit(flow)) == "authn.refused");
    });
}

TEST_CASE("S1-25 (part): a phone that its holder resumes is asked again, and counts anew") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        for (int i = 0; i < push_unapproved_max; ++i) {
            ward.asked_and(enrolled, PushDecision::deny);
        }
        REQUIRE(ward.state_of(enrolled.id) == AuthenticatorState::suspended);
        ward.resume(enrolled.id);
        // Still inside the ten minutes; past the delay that so many open sign-ins have earned.
        ward.people.clock.advance(3min);
        ward.asked_and(enrolled, PushDecision::deny);
        ward.asked_and(enrolled, PushDecision::deny);
        ward.people.clock.advance(3min);
        CHECK(ward.state_of(enrolled.id) == AuthenticatorState::active);
        ward.asked_and(enrolled, PushDecision::deny);
        CHECK(ward.state_of(enrolled.id) == AuthenticatorState::suspended);
    });
}

TEST_CASE("S1-25 (part): \"it wasn't me\" again and again alerts once, until push is suspended") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        ward.asked_and(enrolled, PushDecision::report);
        ward.asked_and(enrolled, PushDecision::report);
        CHECK(ward.alerts == std::vector{PushAlertKind::reported});
        ward.asked_and(enrolled, PushDecision::report);
        CHECK(ward.alerts == std::vector{PushAlertKind::reported, PushAlertKind::bombing});
        CHECK(ward.people.events("authn.push_denied").size() == 3);
    });
}

TEST_CASE(
    "S1-25 (part): \"it wasn't me\" every few minutes alerts again ten minutes after the alert"
) {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        for (const std::size_t alerts : {1U, 1U, 2U, 2U, 3U}) {
            ward.asked_and(enrolled, PushDecision::report);
            CHECK(ward.alerts.size() == alerts);
            ward.people.clock.advance(6min);
        }
        CHECK(ward.state_of(enrolled.id) == AuthenticatorState::active);
    });
}

TEST_CASE("S1-25 (part): questions count for ten minutes, whichever way they were not approved") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        const auto asked_and = [&](PushDecision decision, int off) {
            const auto flow = ward.first_form(ward.erik.passphrase);
            const auto asked = ward.ask(flow);
            const auto attempt = ward.shown(enrolled).attempt;
            const int number = decision == PushDecision::approve ? asked->waiting.number + off : 0;
            auto answer = ward.answer(enrolled.token, ward.phone.answer(attempt, decision, number));
            if (answer) (void)ward.submit(flow);
            return answer;
        };
        CHECK(reason_of(asked_and(PushDecision::deny, 0)) == "ok");
        ward.people.clock.advance(9min);
        CHECK(reason_of(asked_and(PushDecision::approve, 1)) == "push.number_wrong");
        ward.people.clock.advance(61s);
        // The first is forgotten by now, and those that were approved never counted.
        CHECK(reason_of(asked_and(PushDecision::deny, 0)) == "ok");
        CHECK(reason_of(asked_and(PushDecision::approve, 0)) == "ok");
        CHECK(reason_of(asked_and(PushDecision::approve, 0)) == "ok");
        CHECK(reason_of(asked_and(PushDecision::approve, 0)) == "ok");
        CHECK(reason_of(asked_and(PushDecision::approve, 0)) == "ok");
        CHECK(ward.state_of(enrolled.id) == AuthenticatorState::active);
    });
}

TEST_CASE("S1-25: \"it wasn't me\" locks the attempt, ends the sign-in and alerts") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        const auto flow = ward.first_form(ward.erik.passphrase);
        const auto asked = ward.ask(flow);
        const auto attempt = ward.shown(enrolled).attempt;
        const auto report = ward.phone.answer(attempt, PushDecision::report);
        CHECK(reason_of(ward.answer(enrolled.token, report)) == "ok");

        const auto denied = ward.people.events("authn.push_denied");
        REQUIRE(denied.size() == 1);
        CHECK(denied.front().leaf_json.contains("reported"));
        CHECK(ward.alerts == std::vector{PushAlertKind::reported});
        CHECK(ward.notices().contains(NoticeKind::sign_in_reported));

        // Locked: the right number comes too late.
        const auto approve =
            ward.phone.answer(attempt, PushDecision::approve, asked->waiting.number);
        CHECK(reason_of(ward.answer(enrolled.token, approve)) == "push.attempt_over");
        // Whoever is at the page learns nothing of it until the time is over.
        CHECK_FALSE(ward.waiting(flow)->approved);
        CHECK_FALSE(ward.submit(flow)->has_value());
        // Nor does a right code help that sign-in any more.
        ward.people.clock.advance(30s);
        const auto with_code = ward.people.second_form(flow, ward.people.code(ward.erik));
        CHECK(reason_of(with_code) == "authn.refused");
    });
}

TEST_CASE("an answer counts only from a phone of that account, signed, at our origin") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        const auto flow = ward.first_form(ward.erik.passphrase);
        const auto asked = ward.ask(flow);
        const auto attempt = ward.shown(enrolled).attempt;
        const int number = asked->waiting.number;
        const auto good = ward.phone.answer(attempt, PushDecision::approve, number);

        const test::Phone other(ward.phone.origin());
        CHECK(
            reason_of(
                ward.answer(enrolled.token, other.answer(attempt, PushDecision::approve, number))
            ) == "push.signature_wrong"
        );
        auto changed = ward.phone.answer(attempt, PushDecision::deny);
        changed.decision = PushDecision::approve;
        changed.number = number;
        CHECK(reason_of(ward.answer(enrolled.token, changed)) == "push.signature_wrong");
        CHECK(reason_of(ward.answer(crypto::Secret::random(32), good)) == "push.phone_unknown");
        const auto elsewhere = PushAttemptId::fresh(ward.people.clock.now(), ward.people.random);
        CHECK(
            reason_of(ward.answer(
                enrolled.token, ward.phone.answer(elsewhere, PushDecision::approve, number)
            )) == "push.attempt_over"
        );
        const auto at_another_origin = ward.write([&](store::Tx& tx, const Moment& moment) {
            return answer_push(
                       tx,
                       moment,
                       enrolled.token.expose(),
                       good,
                       "https://sign-in.hospital.example.evil.example",
                       ward.phone_where
            )
                .result;
        });
        CHECK(reason_of(at_another_origin) == "push.signature_wrong");
        // None of these used the question up.
        CHECK(reason_of(ward.answer(enrolled.token, good)) == "ok");
        CHECK(ward.people.events("authn.push_approved").size() == 1);
    });
}

TEST_CASE("one question of an account is open at a time, and a flow asks once") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        const auto first = ward.first_form(ward.erik.passphrase);
        const auto asked = ward.ask(first);
        const auto attempt = ward.shown(enrolled).attempt;
        CHECK(ward.ask(first)->waiting.number == asked->waiting.number);
        CHECK(ward.shown(enrolled).attempt == attempt);

        const auto second = ward.first_form(ward.erik.passphrase);
        (void)ward.ask(second);
        CHECK(ward.shown(enrolled).attempt != attempt);
        const auto late = ward.phone.answer(attempt, PushDecision::approve, asked->waiting.number);
        CHECK(reason_of(ward.answer(enrolled.token, late)) == "push.attempt_over");
        CHECK(ward.people.events("authn.push_denied").size() == 1);
    });
}

TEST_CASE("every number from 10 to 99 is drawn") {
    PushWard::on_each_engine([](PushWard& ward) {
        std::set<int> drawn;
        const auto nobody = std::optional<directory::Account>();
        ward.write([&](store::Tx& tx, const Moment& moment) {
            for (std::uint64_t i = 0; i < 1500; ++i) {
                ByteWriter flow;
                flow.u64(i);
                drawn.insert(ask_phones(
                                 tx,
                                 moment,
                                 ward.people.keys,
                                 flow.bytes(),
                                 nobody,
                                 "Sallyport",
                                 ward.people.where
                )
                                 .waiting.number);
            }
        });
        CHECK(drawn.size() == 90);
        CHECK(*drawn.begin() == 10);
        CHECK(*drawn.rbegin() == 99);
        ward.people.clock.advance(push_window);
        ward.forget();
        CHECK(ward.read([](store::Tx& tx, const Moment&) {
            return tx.query("SELECT 1 FROM push_attempt").empty();
        }));
    });
}

TEST_CASE("S1-25 (part): a place is the workstation where it is known, the address and its country"
) {
    auto where = test::from_web("203.0.113.4");
    CHECK(place_words(where) == "203.0.113.4");
    where.workstation = "WS-12";
    CHECK(place_words(where) == "WS-12 (203.0.113.4)");
    where.zone = "ward-3";
    CHECK(place_words(where) == "WS-12 in ward-3 (203.0.113.4)");
    where.country = "FR";
    CHECK(place_words(where) == "WS-12 in ward-3 (203.0.113.4, FR)");
    where.workstation = audit::Where().workstation;
    CHECK(place_words(where) == "203.0.113.4, FR");
}

}  // namespace

}  // namespace sallyport::authn
