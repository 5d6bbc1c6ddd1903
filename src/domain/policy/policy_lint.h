#pragma once
// What a policy may say, but should not without a reason: told to whoever proposes it and whoever
// approves it, refused to nobody.

#include "domain/policy/policy.h"

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::policy {

struct PolicyWarning {
    std::string_view name;  // "policy.consult_idle_short"; stable
    std::string member;     // "timer_profiles.clinician/consult_room.idle_seconds"
    std::string text;       // what is wrong and what to do, in sentences

    friend bool operator==(const PolicyWarning&, const PolicyWarning&) = default;
};

// A clinician in a consult room who is signed out while listening to a patient works around it.
inline constexpr std::chrono::minutes consult_idle_hostile{15};

// "policy.consult_idle_short": clinicians in consult rooms are idle out after 15 minutes or less
//   (S0-56); names the member that says so and asks for its rationale.
// "policy.timer_rationale_missing": a role's timers come without one (S0-46); only policies from
//   before rationales were asked for lack them.
// "policy.attestation_avoidable": a role asks for attested keys, and lets its holders in without a
//   key.
[[nodiscard]] std::vector<PolicyWarning> lint_policy(const Policy& policy);

}  // namespace sallyport::policy
