#include "domain/session/session_context.h"

#include "domain/audit/log.h"
#include "domain/policy/workstation_posture.h"

#include <string>
#include <utility>

namespace sallyport::session {

Context::Context(
    store::Tx& tx,
    const policy::Policy& policy,
    const policy::RoleRules& role,
    const audit::Where& from,
    Time now
)
    : facts(policy::facts_at(tx, policy, from, now)),
      decision(policy::decide_context(policy, role, facts)),
      where(from) {
    where.zone = facts.segment.zone;
}

std::vector<audit::Field> Context::fields() const {
    return {
        {.name = "posture", .value = std::string(policy::to_text(facts.posture))},
        {.name = "place", .value = std::string(policy::to_text(facts.place))},
        {.name = "segment", .value = facts.segment.zone},
        {.name = "context", .value = std::string(policy::to_text(decision.outcome))},
    };
}

Result<void> weigh(const policy::ContextDecision& decision, policy::Strength proven) {
    if (decision.outcome == policy::ContextOutcome::deny) {
        return refuse(Refusal::denied, "context.denied");
    }
    if (proven >= decision.strength) return {};
    if (decision.strength >= policy::Strength::phishing_resistant) {
        return refuse(Refusal::denied, "context.phishing_resistant");
    }
    return refuse(Refusal::denied, "context.second_factor");
}

Result<void> check_context(
    store::Tx& tx,
    const Moment& moment,
    const directory::Account& account,
    policy::Strength proven,
    const audit::Factor& factor,
    const Context& context
) {
    auto weighed = weigh(context.decision, proven);
    if (weighed) return {};
    const audit::Actor actor{
        .who =
            {.person = account.person,
             .account = account.id,
             .account_name = account.login_name.text(),
             .role = account.role,
             .system = {}},
        .where = context.where,
        .factor = factor,
        .session = std::nullopt,
    };
    auto event = audit::event_by(actor, "authz.denied", "sign_in", "account:" + account.id.text());
    event.outcome = audit::Outcome::refused;
    event.reason = weighed.error().reason;
    event.fields = context.fields();
    audit::append(tx, moment, event);
    return weighed;
}

}  // namespace sallyport::session
