#include "domain/authn/holder_verification.h"

#include <algorithm>
#include <ranges>

namespace sallyport::authn {

namespace {

bool asks_always(const policy::RoleRules& role) noexcept {
    return role.keys.user_verification == policy::KeyUserVerification::always;
}

bool has_passphrase(std::string_view amr) noexcept {
    return std::ranges::any_of(amr | std::views::split('+'), [](auto method) {
        return std::string_view(method) == "pwd";
    });
}

}  // namespace

bool verifies_holder(const policy::Policy& policy, std::string_view role) noexcept {
    const auto* const known = policy.role(role);
    return known == nullptr || asks_always(*known);
}

bool step_up_verifies_holder(
    const policy::Policy& policy, std::string_view role, std::string_view signed_in_amr
) noexcept {
    return verifies_holder(policy, role) || !has_passphrase(signed_in_amr);
}

bool verifies_some_holder(const policy::Policy& policy) noexcept {
    return std::ranges::any_of(policy.roles, asks_always);
}

}  // namespace sallyport::authn
