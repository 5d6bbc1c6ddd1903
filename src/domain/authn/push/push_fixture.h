#pragma once
// For the tests of push: an engineer with a phone, at the sign-in page and on the phone.

#include "tests/support/databases.h"
#include "tests/support/people.h"
#include "tests/support/phone.h"

#include "domain/authn/authenticator.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/push/own_phones.h"
#include "domain/authn/push/push_attempt.h"
#include "domain/authn/push/push_guard.h"
#include "domain/authn/push/push_sign_in.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::authn {

inline std::string reason_of(const auto& result) {
    return result ? "ok" : std::string(result.error().reason);
}

struct PushWard {
    explicit PushWard(store::Database& database) : people(database) {
        people.clock.advance(std::chrono::minutes(20));
    }

    template <class Body>
    static void on_each_engine(Body body) {
        test::for_each_engine([&](store::Database& database) {
            PushWard ward(database);
            body(ward);
        });
    }

    test::People people;
    test::TestPerson anna = people.first_administrator();
    test::TestPerson erik = people.enrolled(anna, "erik", "engineer");
    OwnPhones own{people.context};
    PushSignIn push{people.context};
    test::Phone phone{"https://sign-in.hospital.example"};
    audit::Where phone_where = test::from_web("198.51.100.9");
    std::vector<PushAlertKind> alerts = {};  // that came back so far

    template <class Work>
    auto write(Work work) {
        return people.database().write([&](store::Tx& tx) { return work(tx, people.now()); });
    }

    template <class Work>
    auto read(Work work) {
        return people.database().read([&](store::Tx& tx) { return work(tx, people.now()); });
    }

    Result<OwnPhones::Begun> begin(const std::string& label = "My phone") {
        return write([&](store::Tx& tx, const Moment& moment) {
            return own.begin(tx, moment, erik.account, label, people.acting(erik));
        });
    }

    [[nodiscard]] OwnPhones::NewPhone new_phone(
        const OwnPhones::Begun& begun, const test::Phone& with
    ) const {
        return {
            .public_key = with.spki(),
            .signature = with.enrol(begun.id, begun.challenge),
            .origin = phone.origin(),
            .training_read = push_training_version,
        };
    }

    Result<crypto::Secret> finish(const AuthenticatorId& id, const OwnPhones::NewPhone& made) {
        return write([&](store::Tx& tx, const Moment& moment) {
            return own.finish(tx, moment, erik.account, id, made, people.acting(erik));
        });
    }

    struct Enrolled {
        AuthenticatorId id;
        crypto::Secret token;
    };

    Enrolled enrol(const test::Phone& with) {
        const auto begun = begin();
        REQUIRE(begun.has_value());
        auto token = finish(begun->id, new_phone(*begun, with));
        REQUIRE(token.has_value());
        return {begun->id, *std::move(token)};
    }

    // A sign-in at its second form.
    crypto::Secret first_form(const std::string& passphrase, const std::string& name = "erik") {
        auto form = people.first_form(name, passphrase);
        REQUIRE(form.has_value());
        return std::move(form->token);
    }

    Result<PushAsked> ask(const crypto::Secret& flow) {
        auto asked = write([&](store::Tx& tx, const Moment& moment) {
            return push.ask(tx, moment, flow.expose(), people.where);
        });
        if (asked) note(asked->alerts);
        return asked;
    }

    // A question from a new sign-in, answered so; at once, without the number.
    void asked_and(const Enrolled& enrolled, PushDecision decision) {
        const auto flow = first_form(erik.passphrase);
        REQUIRE(ask(flow).has_value());
        const auto given = phone.answer(shown(enrolled).attempt, decision);
        REQUIRE(answer(enrolled.token, given).has_value());
    }

    void asked_in_vain() {
        const auto flow = first_form(erik.passphrase);
        REQUIRE(ask(flow).has_value());
        people.clock.advance(push_attempt_max);
        end_overdue();
    }

    void note(const std::vector<PushAlert>& more) {
        for (const auto& each : more) {
            CHECK(each.account == erik.account);
            CHECK(each.login_name == "erik");
            alerts.push_back(each.kind);
        }
    }

    Result<PushWaiting> waiting(const crypto::Secret& flow) {
        return read([&](store::Tx& tx, const Moment& moment) {
            return push.waiting(tx, moment, flow.expose());
        });
    }

    Result<std::optional<AuthenticationProof>> submit(const crypto::Secret& flow) {
        return write([&](store::Tx& tx, const Moment& moment) {
            return push.submit(tx, moment, people.policy, flow.expose(), people.where);
        });
    }

    Result<std::optional<PushPrompt>> prompt(const crypto::Secret& token) {
        return read([&](store::Tx& tx, const Moment& moment) {
            return push_prompt(tx, moment, token.expose());
        });
    }

    Result<void> answer(const crypto::Secret& token, const PushAnswer& given) {
        auto taken = write([&](store::Tx& tx, const Moment& moment) {
            return answer_push(tx, moment, token.expose(), given, phone.origin(), phone_where);
        });
        note(taken.alerts);
        return taken.result;
    }

    // The question that the phone shows now.
    PushPrompt shown(const Enrolled& enrolled) {
        const auto found = prompt(enrolled.token);
        REQUIRE(found.has_value());
        REQUIRE(found->has_value());
        return **found;
    }

    [[nodiscard]] AuthenticatorState state_of(const AuthenticatorId& id) {
        return read([&](store::Tx& tx, const Moment&) { return find_authenticator(tx, id); })
            .value()
            .state;
    }

    void suspend(const AuthenticatorId& id) {
        const auto suspended = write([&](store::Tx& tx, const Moment& moment) {
            return suspend_authenticator(tx, moment, id, people.acting(erik));
        });
        REQUIRE(suspended.has_value());
    }

    // The kinds that the person has not seen yet.
    [[nodiscard]] std::set<NoticeKind> notices() {
        const auto unread =
            read([&](store::Tx& tx, const Moment&) { return unread_notices(tx, erik.account); });
        std::set<NoticeKind> kinds;
        for (const auto& notice : unread) {
            kinds.insert(notice.kind);
        }
        return kinds;
    }

    void resume(const AuthenticatorId& id) {
        const auto resumed = write([&](store::Tx& tx, const Moment& moment) {
            return resume_authenticator(tx, moment, id, people.acting(erik));
        });
        REQUIRE(resumed.has_value());
    }

    void end_overdue() {
        note(write([&](store::Tx& tx, const Moment& moment) {
            return end_overdue_pushes(tx, moment);
        }));
    }

    void forget() {
        write([&](store::Tx& tx, const Moment& moment) { forget_pushes(tx, moment.now); });
    }
};

}  // namespace sallyport::authn
