#include "domain/policy/risk.h"

#include "domain/policy/policy.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sallyport::policy {

namespace {

constexpr std::array<std::string_view, 4> risk_texts = {"low", "medium", "high", "critical"};

bool holds_now(const RoleRules& role, Time now) {
    return role.exception && now < role.exception->until;
}

}  // namespace

std::string_view to_text(Risk risk) noexcept {
    return risk_texts[static_cast<std::size_t>(risk)];
}

std::optional<Risk> risk(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(risk_texts, text);
    if (found == risk_texts.end()) return std::nullopt;
    return static_cast<Risk>(found - risk_texts.begin());
}

Strength required_strength(Risk risk) noexcept {
    switch (risk) {
        case Risk::low:
            return Strength::one_factor;
        case Risk::medium:
            return Strength::two_factors;
        case Risk::high:
            return Strength::phishing_resistant;
        case Risk::critical:
            return Strength::device_bound;
    }
    return Strength::device_bound;
}

Risk least_risk(const PermissionSet& permissions) noexcept {
    auto others = permissions;
    others.reset(static_cast<std::size_t>(Permission::self_read));
    others.reset(static_cast<std::size_t>(Permission::self_manage));
    return others.none() ? Risk::low : Risk::high;
}

bool asks_all_for_two(const Policy& policy, Time now) noexcept {
    return policy.two_factors_for_all_from && now >= *policy.two_factors_for_all_from;
}

Policy demanding_at(Policy policy, Time now) {
    for (auto& role : policy.roles) {
        role.strength =
            holds_now(role, now) ? role.exception->strength : required_strength(role.risk);
        if (asks_all_for_two(policy, now)) {
            role.strength = std::max(role.strength, Strength::two_factors);
        }
    }
    return policy;
}

std::optional<Time> next_demand_change(const Policy& policy, Time now) {
    std::optional<Time> next;
    if (policy.two_factors_for_all_from > now) next = policy.two_factors_for_all_from;
    for (const auto& role : policy.roles) {
        if (!holds_now(role, now)) continue;
        next = next ? std::min(*next, role.exception->until) : role.exception->until;
    }
    return next;
}

Policy with_codes_accepted(Policy policy, Time until) {
    for (auto& role : policy.roles) {
        if (required_strength(role.risk) <= Strength::two_factors) continue;
        role.exception = StrengthException{
            .strength = Strength::two_factors,
            .risk_item = "DEMO-1",
            .reason =
                "A demonstration's certificate is trusted by no browser, and no browser uses a "
                "security key on such a page.",
            .accepted_by = "whoever made this demonstration",
            .until = until,
        };
    }
    return policy;
}

}  // namespace sallyport::policy
