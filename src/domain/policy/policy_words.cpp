#include "domain/policy/policy_words.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <utility>

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, zone_kind_count> in_zones_of{
    "in consult rooms",
    "in wards",
    "in pharmacies",
    "in offices (zones of kind admin)",
    "from outside the house (remote)",
};

// "a, b and c"
std::string listed(const std::vector<std::string>& items, std::string_view last) {
    std::string text;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) text += i + 1 == items.size() ? last : ", ";
        text += items[i];
    }
    return text;
}

std::string_view posture_words(Posture posture) {
    switch (posture) {
        case Posture::compliant:
            return " on a device that is in order";
        case Posture::unknown:
            return " on a device of which nothing is known";
        case Posture::not_compliant:
            return " on a device that is not in order";
    }
    return "";
}

std::string_view place_words(Place place) {
    switch (place) {
        case Place::home:
            return " in a home country";
        case Place::abroad:
            return " abroad";
        case Place::unknown:
            return " in a place that nobody can tell";
    }
    return "";
}

std::string_view outcome_words(ContextOutcome outcome) {
    switch (outcome) {
        case ContextOutcome::allow:
            return "must show what the role asks for";
        case ContextOutcome::step_up:
            return "must show two factors";
        case ContextOutcome::phishing_resistant:
            return "must show a key or card that a false page can't use";
        case ContextOutcome::limited:
            return "can only look after their own account";
        case ContextOutcome::deny:
            return "may not sign in";
    }
    return "";
}

std::string permission_names(const PermissionSet& set) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < permission_count; ++i) {
        if (set.test(i)) names.emplace_back(to_text(static_cast<Permission>(i)));
    }
    return listed(names, ", ");
}

std::string attested_words(const SecurityKeyRules& keys) {
    if (keys.models.empty()) return "attested by their maker, of any model";
    return "attested by their maker, of the models " +
           listed(std::vector<std::string>(keys.models.begin(), keys.models.end()), ", ");
}

}  // namespace

std::string_view strength_words(Strength strength) noexcept {
    switch (strength) {
        case Strength::one_factor:
            return "one factor, such as a passphrase";
        case Strength::two_factors:
            return "two factors, such as a passphrase and the code of an app";
        case Strength::phishing_resistant:
            return "two factors, one of them a security key, passkey or card that a false page "
                   "can't use";
        case Strength::device_bound:
            return "two factors, one of them a security key or card that a false page can't use "
                   "and that can't be copied";
    }
    return "";
}

std::string_view risk_words(Risk risk) noexcept {
    switch (risk) {
        case Risk::low:
            return "low: they reach only what is their own";
        case Risk::medium:
            return "medium: they could harm the privacy of those in their care";
        case Risk::high:
            return "high: they could harm devices, other people's access or the evidence";
        case Risk::critical:
            return "critical: they could harm devices, other people's access and the evidence at "
                   "once";
    }
    return "";
}

std::string duration_words(std::chrono::seconds duration) {
    const auto in = [&](std::chrono::seconds unit, std::string_view name) {
        const auto count = duration / unit;
        return fmt::format("{} {}{}", count, name, count == 1 ? "" : "s");
    };
    if (duration % 24h == 0s) return in(24h, "day");
    if (duration % 1h == 0s) return in(1h, "hour");
    if (duration % 1min == 0s) return in(1min, "minute");
    return in(1s, "second");
}

std::string exception_words(const StrengthException& exception) {
    return fmt::format(
        "until {}, {} are enough; risk item {}, accepted by {}: {}",
        sallyport::to_text(exception.until),
        strength_words(exception.strength),
        exception.risk_item,
        exception.accepted_by,
        exception.reason
    );
}

std::vector<std::pair<std::string_view, std::string>> role_words(const RoleRules& role) {
    std::vector<std::pair<std::string_view, std::string>> words;
    const auto add = [&](std::string_view label, std::string_view text) {
        if (!text.empty()) words.emplace_back(label, text);
    };
    add("Job function", role.job);
    add("Purpose", role.purpose);
    add("Can", role.can);
    add("Can't", role.cannot);
    add("Narrower form of", role.narrows);
    add("Risk class", risk_words(role.risk));
    add("Must show", strength_words(role.strength));
    const auto of_class = required_strength(role.risk);
    if (role.strength != of_class) add("By its risk class", strength_words(of_class));
    add("Risk item", role.risk_item);
    if (role.exception) add("Exception", exception_words(*role.exception));
    if (role.keys.attested) add("Security keys", attested_words(role.keys));
    if (role.keys.user_verification == KeyUserVerification::always) {
        add("PIN or fingerprint", "asked of every security key");
    }
    if (role.recovery_by_mail) add("Recovery", "alone, by a code to their mail address");
    add("Owner", role.owner);
    add("Intended use", role.intended_use);
    add("Times",
        fmt::format("{} idle, {} at most", duration_words(role.idle), duration_words(role.absolute))
    );
    if (role.unlock.count() > 0) {
        add("Unlock",
            fmt::format(
                "with one factor or a badge at a clinical workstation, {} after all were shown",
                duration_words(role.unlock)
            ));
    }
    add("Why these times", role.timer_rationale);
    add("Permissions", permission_names(role.permissions));
    return words;
}

std::string rule_words(const ContextRule& rule) {
    std::string sentence =
        rule.roles.empty() ? "Everybody" : "The roles " + listed(rule.roles, " and ");
    if (rule.roles.size() == 1) sentence = "The role " + rule.roles.front();
    if (rule.posture) sentence += posture_words(*rule.posture);
    if (rule.place) sentence += place_words(*rule.place);
    std::vector<std::string> segments;
    for (std::size_t i = 0; i < zone_kind_count; ++i) {
        if (rule.segments.test(i)) segments.emplace_back(in_zones_of.at(i));
    }
    if (!segments.empty()) sentence += " " + listed(segments, " or ");
    return fmt::format("{} {}.", sentence, outcome_words(rule.outcome));
}

std::vector<std::string> context_words(const ContextRules& context) {
    std::vector<std::string> sentences;
    sentences.push_back(
        context.home_countries.empty() ? "No home country is named: no place is abroad."
                                       : fmt::format(
                                             "At home is {}; every other country is abroad.",
                                             listed(context.home_countries, " and ")
                                         )
    );
    sentences.push_back(fmt::format(
        "What is known of a device is known of the registered workstation that somebody sits at. "
        "It is not in order when that is more than {} old or its disk is in the clear.",
        std::to_string(posture_age_max.count()) + " hours"
    ));
    std::vector<std::string> floors;
    for (const auto& floor : context.os_floors) {
        floors.push_back(fmt::format("{} {}", floor.os, floor.version));
    }
    sentences.push_back(
        floors.empty()
            ? "No oldest system is named: no device is known to be in order."
            : fmt::format(
                  "The oldest systems that are in order: {}; of any other system nothing is known.",
                  listed(floors, ", ")
              )
    );
    return sentences;
}

}  // namespace sallyport::policy
