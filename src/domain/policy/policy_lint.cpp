#include "domain/policy/policy_lint.h"

#include <fmt/format.h>

#include <utility>

namespace sallyport::policy {

namespace {

// Of the role itself, and of its profile for consult rooms: whichever is too short says so.
void add_consult_idle(const Policy& policy, std::vector<PolicyWarning>& warnings) {
    const auto look_at = [&](std::string member, std::chrono::seconds idle) {
        if (idle > consult_idle_hostile) return;
        auto text = fmt::format(
            "{} s end a clinician's session while they listen to a patient, and are then worked "
            "around. Say in its rationale why the work needs so short a time, or lengthen it.",
            idle.count()
        );
        warnings.push_back({"policy.consult_idle_short", std::move(member), std::move(text)});
    };
    for (const auto& role : policy.roles) {
        if (role.unlock.count() > 0) look_at("roles." + role.name + ".idle_seconds", role.idle);
    }
    for (const auto& profile : policy.timer_profiles) {
        const auto* const role = policy.role(profile.role);
        const bool bedside = role != nullptr && role->unlock.count() > 0;
        if (!bedside || profile.zone != ZoneKind::consult_room) continue;
        look_at("timer_profiles." + profile.role + "/consult_room.idle_seconds", profile.idle);
    }
}

void add_missing_rationales(const Policy& policy, std::vector<PolicyWarning>& warnings) {
    for (const auto& role : policy.roles) {
        if (!role.timer_rationale.empty()) continue;
        warnings.push_back(
            {"policy.timer_rationale_missing",
             "roles." + role.name + ".timer_rationale",
             "Nobody can tell why this role's timers are as they are. Say how they fit its work."}
        );
    }
}

bool lets_in_without_key(const RoleRules& role) {
    const auto weakest = role.exception ? role.exception->strength : required_strength(role.risk);
    return weakest < Strength::phishing_resistant;
}

void add_avoidable_attestation(const Policy& policy, std::vector<PolicyWarning>& warnings) {
    for (const auto& role : policy.roles) {
        if (!role.keys.attested || !lets_in_without_key(role)) continue;
        warnings.push_back(
            {"policy.attestation_avoidable",
             "roles." + role.name + ".authenticator_models",
             "Only attested keys may be added, but the role also lets its holders in with a code "
             "of an app. Raise its risk class to high, end its exception, or ask for no "
             "attestation."}
        );
    }
}

}  // namespace

std::vector<PolicyWarning> lint_policy(const Policy& policy) {
    std::vector<PolicyWarning> warnings;
    add_consult_idle(policy, warnings);
    add_missing_rationales(policy, warnings);
    add_avoidable_attestation(policy, warnings);
    return warnings;
}

}  // namespace sallyport::policy
