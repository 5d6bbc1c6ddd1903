#include "domain/policy/role_set.h"

#include "domain/policy/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace sallyport::policy {

namespace {

constexpr int roles_per_scope_min = 3;
constexpr int roles_per_scope_max = 5;
constexpr std::array<std::string_view, 2> application_scopes{"clinical", "gateway"};

bool manages_users(const RoleRules& role) {
    return role.permissions.test(static_cast<std::size_t>(Permission::user_manage));
}

// What keeps `role` from being a narrower form of `base`; empty: nothing.
std::string_view what_is_wider(const RoleRules& role, const RoleRules& base) {
    if ((role.permissions & ~base.permissions).any()) return "permissions: has more than";
    if (role.permissions == base.permissions) return "permissions: has no fewer than";
    if (role.risk < base.risk) return "risk: is of a lower class than";
    return {};
}

Result<void> check_narrower_role(const Policy& policy, const RoleRules& role) {
    const auto refused = [&](std::string_view why) {
        return refuse(
            Refusal::invalid,
            "policy.narrower_role",
            fmt::format("roles.{}.{} {}", role.name, why, role.narrows)
        );
    };
    const auto* const base = policy.role(role.narrows);
    if (base == nullptr || base->scope != role.scope || !base->narrows.empty()) {
        return refused("narrows: is no whole role of this scope:");
    }
    if (std::ranges::count(policy.roles, role.narrows, &RoleRules::narrows) > 1) {
        return refused("narrows: another role is a narrower form of");
    }
    const auto wider = what_is_wider(role, *base);
    if (!wider.empty()) return refused(wider);
    return {};
}

}  // namespace

Result<void> check_role_counts(const Policy& policy) {
    for (const auto scope : application_scopes) {
        const auto count = std::ranges::count_if(policy.roles, [&](const RoleRules& role) {
            return role.narrows.empty() && (role.scope == scope || role.scope == "both");
        });
        const bool too_many = count > roles_per_scope_max && policy.role_count_rationale.empty();
        if (count >= roles_per_scope_min && !too_many) continue;
        return refuse(
            Refusal::invalid,
            "policy.role_count",
            fmt::format(
                "roles: {} in scope {}, not 3 to 5 (more need a role_count_rationale)", count, scope
            )
        );
    }
    return {};
}

Result<void> check_narrower_roles(const Policy& policy) {
    for (const auto& role : policy.roles) {
        if (!role.narrows.empty()) SP_CHECK(check_narrower_role(policy, role));
    }
    return {};
}

Result<void> check_administrators(const Policy& policy) {
    for (const auto& role : policy.roles) {
        if (role.scope != "both" || !manages_users(role)) continue;
        return refuse(
            Refusal::invalid,
            "policy.administrators",
            fmt::format("roles.{}.permissions: user.manage in more than one scope", role.name)
        );
    }
    for (const auto scope : application_scopes) {
        const auto count = std::ranges::count_if(policy.roles, [&](const RoleRules& role) {
            return role.scope == scope && manages_users(role);
        });
        if (count == 1) continue;
        return refuse(
            Refusal::invalid,
            "policy.administrators",
            fmt::format("roles: {} with user.manage in scope {}, not one", count, scope)
        );
    }
    return {};
}

}  // namespace sallyport::policy
