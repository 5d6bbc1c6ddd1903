#include "domain/authn/push/push_events.h"

#include "domain/audit/log.h"
#include "domain/authn/authn_events.h"

#include <string>
#include <utility>

namespace sallyport::authn {

namespace {

using directory::Account;

std::string object_of(const Account& account) {
    return "account:" + account.id.text();
}

// Its `aal` is 0: the answer of a phone alone proves nobody.
audit::Actor actor_with(const Account& account, const PushAnswered& answered) {
    auto actor = actor_of(account, answered.where);
    actor.factor = audit::Factor{
        .amr = "swk",
        .aal = 0,
        .authenticator_id = answered.phone.text(),
        .phishing_resistant = false,
        .age = Duration(0),
    };
    return actor;
}

audit::Event denied_by(
    const audit::Actor& actor,
    const Account& account,
    const PushAttemptId& attempt,
    std::string_view answer,
    std::int64_t in_window
) {
    auto event = audit::event_by(actor, "authn.push_denied", "deny", object_of(account));
    event.outcome = audit::Outcome::refused;
    event.reason = "push." + std::string(answer);
    event.fields = {
        {.name = "push_id", .value = attempt.text()},
        {.name = "answer", .value = std::string(answer)},
        {.name = "pushes_in_window", .value = in_window},
    };
    return event;
}

}  // namespace

void write_push_sent(
    store::Tx& tx,
    const Moment& moment,
    const Account& account,
    const audit::Where& where,
    const PushShown& shown
) {
    auto event =
        audit::event_by(actor_of(account, where), "authn.push_sent", "ask", object_of(account));
    event.fields = {
        {.name = "push_id", .value = shown.attempt.text()},
        {.name = "number_match", .value = true},
        {.name = "shown_app", .value = std::string(shown.application)},
        {.name = "shown_place", .value = std::string(shown.place), .personal = true},
    };
    audit::append(tx, moment, event);
}

void write_push_approved(
    store::Tx& tx, const Moment& moment, const Account& account, const PushAnswered& answered
) {
    auto event = audit::event_by(
        actor_with(account, answered), "authn.push_approved", "approve", object_of(account)
    );
    event.fields = {{.name = "push_id", .value = answered.attempt.text()}};
    audit::append(tx, moment, event);
}

void write_push_denied(
    store::Tx& tx,
    const Moment& moment,
    const Account& account,
    const PushAnswered& answered,
    std::string_view answer,
    std::int64_t in_window
) {
    const auto actor = actor_with(account, answered);
    audit::append(tx, moment, denied_by(actor, account, answered.attempt, answer, in_window));
}

void write_push_timeout(
    store::Tx& tx,
    const Moment& moment,
    const Account& account,
    const PushAttemptId& attempt,
    std::int64_t in_window
) {
    auto actor = audit::system_actor("push-guard");
    audit::append(tx, moment, denied_by(actor, account, attempt, "timeout", in_window));
}

}  // namespace sallyport::authn
