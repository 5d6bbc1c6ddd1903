#include "domain/authn/holder_verification.h"

#include <algorithm>
#include <array>

namespace sallyport::authn {

namespace {

bool asks_always(const policy::RoleRules& role) noexcept {
    return role.keys.user_verification == policy::KeyUserVerification::always;
}

// Nothing beside it, and it checked its holder itself. A bare touch ("hwk") was only ever taken
// where a passphrase had been shown.
bool is_alone(std::string_view amr) noexcept {
    constexpr std::array<std::string_view, 4> alone = {"hwk+uv", "swk+uv", "sc+pin", "pop+pin"};
    return std::ranges::find(alone, amr) != alone.end();
}

}  // namespace

bool verifies_holder(const policy::Policy& policy, std::string_view role) noexcept {
    const auto* const known = policy.role(role);
    return known == nullptr || asks_always(*known);
}

bool step_up_verifies_holder(
    const policy::Policy& policy, std::string_view role, const std::optional<audit::Factor>& last
) noexcept {
    return verifies_holder(policy, role) || (last && is_alone(last->amr));
}

bool verifies_some_holder(const policy::Policy& policy) noexcept {
    return std::ranges::any_of(policy.roles, asks_always);
}

}  // namespace sallyport::authn
