#include "domain/authn/demanded_strength.h"

#include "domain/authn/context.h"
#include "domain/policy/workstation_posture.h"

#include <algorithm>
#include <optional>

namespace sallyport::authn {

namespace {

std::optional<policy::ContextDecision> decision(
    store::Tx& tx,
    const policy::Policy& policy,
    std::string_view role_name,
    const audit::Where& where,
    Time now
) {
    const auto* const role = policy.role(role_name);
    if (role == nullptr) return std::nullopt;
    const auto facts = policy::facts_at(tx, policy, where, now);
    return policy::decide_context(policy, *role, facts);
}

}  // namespace

policy::Strength demanded_strength(
    store::Tx& tx,
    const policy::Policy& policy,
    std::string_view role,
    const audit::Where& where,
    Time now
) {
    const auto by_role = role_strength(policy, role);
    const auto decided = decision(tx, policy, role, where, now);
    return decided ? std::max(by_role, decided->strength) : by_role;
}

bool is_denied_here(
    store::Tx& tx,
    const policy::Policy& policy,
    std::string_view role,
    const audit::Where& where,
    Time now
) {
    const auto decided = decision(tx, policy, role, where, now);
    return decided && decided->outcome == policy::ContextOutcome::deny;
}

}  // namespace sallyport::authn
