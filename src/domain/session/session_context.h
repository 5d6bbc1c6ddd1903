#pragma once
// The circumstances in which a session is to be opened, as the policy weighs them.

#include "domain/directory/account.h"
#include "domain/session/session.h"

#include <vector>

namespace sallyport::session {

struct Context {
    Context(
        store::Tx& tx,
        const policy::Policy& policy,
        const policy::RoleRules& role,
        const audit::Where& from,
        Time now
    );

    // What was looked at and what came of it, for the event.
    [[nodiscard]] std::vector<audit::Field> fields() const;

    policy::ContextFacts facts;
    policy::ContextDecision decision;
    audit::Where where;  // with its zone
};

// Refuses denied "context.denied", "context.second_factor", "context.phishing_resistant". Pure.
[[nodiscard]] Result<void> weigh(const policy::ContextDecision& decision, policy::Strength proven);

// Refuses what weigh() refuses, with an authz.denied that names the inputs.
[[nodiscard]] Result<void> check_context(
    store::Tx& tx,
    const Moment& moment,
    const directory::Account& account,
    policy::Strength proven,
    const audit::Factor& factor,
    const Context& context
);

}  // namespace sallyport::session
