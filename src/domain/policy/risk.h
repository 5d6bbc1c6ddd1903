#pragma once
// What somebody must prove follows from how much harm their role could do (S0-50). Less is enough
// only for a while, where somebody has accepted the risk by name (S0-75).

#include "base/core/time.h"
#include "domain/policy/permission.h"
#include "domain/policy/strength.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::policy {

struct Policy;

// The most harm that a role's holder could do to others.
enum class Risk : std::uint8_t {
    low,       // none: they reach what is their own
    medium,    // to the privacy of those in their care
    high,      // to devices, to other people's access, to what is kept as evidence
    critical,  // to all of it at once, so that no copy of a key may exist
};

[[nodiscard]] std::string_view to_text(Risk risk) noexcept;
[[nodiscard]] std::optional<Risk> risk(std::string_view text) noexcept;

// one_factor, two_factors, phishing_resistant, device_bound.
[[nodiscard]] Strength required_strength(Risk risk) noexcept;

// The lowest class that a role with these permissions may be given (S0-05): high with anything but
// looking after oneself.
[[nodiscard]] Risk least_risk(const PermissionSet& permissions) noexcept;

inline constexpr std::chrono::hours exception_max{366 * 24};

// A weaker demand, for a while. It is part of the policy, so two people have to want it.
struct StrengthException {
    Strength strength = Strength::two_factors;  // below what the risk class asks for
    std::string risk_item;                      // where the hospital's risk file says so
    std::string reason;
    std::string accepted_by;  // who answers for it, by name
    Time until;               // at most exception_max from when it was proposed
};

// Whether two factors are asked of everybody by then (S0-53).
[[nodiscard]] bool asks_all_for_two(const Policy& policy, Time now) noexcept;

// The policy as it demands at `now`: each role's strength is its class's, or its exception's while
// that lasts; and two factors at least once they are asked of everybody.
[[nodiscard]] Policy demanding_at(Policy policy, Time now);
// When it next demands something else after `now`.
[[nodiscard]] std::optional<Time> next_demand_change(const Policy& policy, Time now);

// For a demonstration: codes of an app are enough for every role until `until`, because a browser
// uses security keys only on pages whose certificate it trusts, and a demonstration's it does not.
[[nodiscard]] Policy with_codes_accepted(Policy policy, Time until);

}  // namespace sallyport::policy
