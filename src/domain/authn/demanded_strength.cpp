#include "domain/authn/demanded_strength.h"

#include "domain/authn/context.h"
#include "domain/policy/context.h"

#include <algorithm>
#include <optional>

namespace sallyport::authn {

namespace {

std::optional<policy::ContextDecision> decision(
    const policy::Policy& policy, std::string_view role_name, const audit::Where& where, Time now
) {
    const auto* const role = policy.role(role_name);
    if (role == nullptr) return std::nullopt;
    const auto facts = policy::context_facts(policy, where, std::nullopt, now);
    return policy::decide_context(policy, *role, facts);
}

}  // namespace

policy::Strength demanded_strength(
    const policy::Policy& policy, std::string_view role, const audit::Where& where, Time now
) {
    const auto by_role = role_strength(policy, role);
    const auto decided = decision(policy, role, where, now);
    return decided ? std::max(by_role, decided->strength) : by_role;
}

bool is_denied_here(
    const policy::Policy& policy, std::string_view role, const audit::Where& where, Time now
) {
    const auto decided = decision(policy, role, where, now);
    return decided && decided->outcome == policy::ContextOutcome::deny;
}

}  // namespace sallyport::authn
