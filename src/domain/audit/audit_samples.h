#pragma once
// Events for the tests of this room.

#include "tests/support/clocks.h"

#include "domain/audit/event.h"

#include <string>
#include <utility>

namespace sallyport::audit::samples {

inline Actor engineer() {
    test::ReplayedRandom random(7);
    const auto then = from_micros(1'795'334'400'000'000);
    Actor actor;
    actor.who.person = PersonId::fresh(then, random);
    actor.who.account = AccountId::fresh(then, random);
    actor.who.account_name = "e.larsson";
    actor.who.role = "engineer";
    actor.where.source = "192.0.2.17";
    actor.where.channel = "web";
    actor.factor = Factor{
        .amr = "pwd+otp",
        .aal = 2,
        .authenticator_id = "password+" + AuthenticatorId::fresh(then, random).text(),
        .phishing_resistant = false,
        .age = Duration(90'000'000),
    };
    actor.session = SessionId::fresh(then, random);
    actor.policy_version = 3;
    return actor;
}

inline Event sign_in() {
    return event_by(engineer(), "authn.success", "sign_in", "account:e.larsson");
}

// A failed attempt under a name that nobody has.
inline Event failure(std::string identifier = "mallory") {
    Event event;
    event.type = "authn.failure";
    event.where.source = "192.0.2.99";
    event.where.channel = "web";
    event.action = "sign_in";
    event.object = "host:sign-in";
    event.outcome = Outcome::refused;
    event.reason = "authn.refused";
    event.fields.push_back({"stage", "factor1"});
    event.fields.push_back({"identifier", std::move(identifier), true});
    return event;
}

}  // namespace sallyport::audit::samples
