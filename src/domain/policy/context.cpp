#include "domain/policy/context.h"

#include "domain/audit/event.h"
#include "domain/policy/policy.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sallyport::policy {

namespace {

constexpr std::array<std::string_view, 3> place_texts{"home", "abroad", "unknown"};
constexpr std::array<std::string_view, 5> outcome_texts{
    "allow", "step_up", "phishing_resistant", "limited", "deny"
};

Place place_of(const ContextRules& rules, const std::string& country) {
    if (country.empty() || rules.home_countries.empty()) return Place::unknown;
    const bool home =
        std::ranges::find(rules.home_countries, country) != rules.home_countries.end();
    return home ? Place::home : Place::abroad;
}

bool applies(const ContextRule& rule, const RoleRules& role, const ContextFacts& facts) {
    const bool role_named =
        rule.roles.empty() || std::ranges::find(rule.roles, role.name) != rule.roles.end();
    const bool segment_named = rule.segments.none() || (rule.segments & facts.segment.kinds).any();
    return role_named && segment_named && (!rule.posture || *rule.posture == facts.posture) &&
           (!rule.place || *rule.place == facts.place);
}

Strength strength_for(ContextOutcome outcome) {
    switch (outcome) {
        case ContextOutcome::step_up:
            return Strength::two_factors;
        case ContextOutcome::phishing_resistant:
            return Strength::phishing_resistant;
        case ContextOutcome::allow:
        case ContextOutcome::limited:
        case ContextOutcome::deny:
            return Strength::one_factor;
    }
    return Strength::phishing_resistant;
}

}  // namespace

std::string_view to_text(Place place) noexcept {
    return place_texts[static_cast<std::size_t>(place)];
}

std::string_view to_text(ContextOutcome outcome) noexcept {
    return outcome_texts[static_cast<std::size_t>(outcome)];
}

std::optional<Place> place(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(place_texts, text);
    if (found == place_texts.end()) return std::nullopt;
    return static_cast<Place>(found - place_texts.begin());
}

std::optional<ContextOutcome> context_outcome(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(outcome_texts, text);
    if (found == outcome_texts.end()) return std::nullopt;
    return static_cast<ContextOutcome>(found - outcome_texts.begin());
}

ContextFacts context_facts(
    const Policy& policy,
    const audit::Where& where,
    const std::optional<PostureClaims>& claims,
    Time now
) {
    return {
        .posture = judge_posture(policy.context.os_floors, claims, now),
        .place = place_of(policy.context, where.country),
        .segment = segment_of(policy, where.source),
    };
}

ContextDecision decide_context(
    const Policy& policy, const RoleRules& role, const ContextFacts& facts
) {
    ContextDecision decision{
        .outcome = ContextOutcome::allow, .strength = role.strength, .limited = false
    };
    for (const auto& rule : policy.context.rules) {
        if (!applies(rule, role, facts)) continue;
        decision.outcome = std::max(decision.outcome, rule.outcome);
        decision.strength = std::max(decision.strength, strength_for(rule.outcome));
        decision.limited = decision.limited || rule.outcome == ContextOutcome::limited;
    }
    return decision;
}

Policy raised_by_context(Policy policy, const ContextFacts& facts) {
    std::vector<Strength> demanded;
    for (const auto& role : policy.roles) {
        demanded.push_back(decide_context(policy, role, facts).strength);
    }
    for (std::size_t i = 0; i < policy.roles.size(); ++i) {
        policy.roles[i].strength = demanded[i];
    }
    return policy;
}

}  // namespace sallyport::policy
