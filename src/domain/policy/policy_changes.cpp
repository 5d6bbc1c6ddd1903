#include "domain/policy/policy_changes.h"

#include "domain/policy/policy_members.h"
#include "domain/policy/policy_words.h"
#include "domain/policy/weaker_member.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>
#include <utility>

namespace sallyport::policy {

namespace {

using Json = nlohmann::json;

// Members whose names are not words enough. The rest are shown by name, so that no change is left
// out because a table was forgotten.
constexpr auto member_words = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"job", "job function"},
    {"cannot", "can't"},
    {"intended_use", "intended use"},
    {"narrows", "narrower form of"},
    {"risk", "risk class"},
    {"risk_item", "risk item"},
    {"recovery_by_mail", "recovery alone, by mail"},
    {"authenticator_models", "models of security keys"},
    {"key_user_verification", "PIN or fingerprint of security keys"},
    {"idle_seconds", "idle time"},
    {"absolute_seconds", "longest session"},
    {"unlock_seconds", "time in which one factor unlocks"},
    {"timer_rationale", "why these times"},
    {"step_up_seconds", "age of a proof that sensitive actions take"},
    {"visit_idle_seconds", "idle time of a visit"},
    {"visit_max_seconds", "longest visit"},
    {"grant_max_seconds", "longest grant"},
    {"separation_hours", "hours between issuing a factor and approving for its holder"},
    {"two_factors_for_all_from", "two factors asked of everybody from"},
    {"role_count_rationale", "why a scope has more than five roles"},
    {"home_countries", "home countries"},
    {"os_floors", "oldest systems that are in order"},
});

struct Place {
    std::string about;
    std::string_view member;
};

// "roles.engineer.risk" is about the role engineer.
Place place_in(std::string_view path) {
    constexpr auto groups = std::to_array<std::pair<std::string_view, std::string_view>>({
        {"roles.", "role "},
        {"zones.", "zone "},
        {"timer_profiles.", "times of "},
    });
    const auto member = path.substr(path.rfind('.') + 1);
    for (const auto& [prefix, words] : groups) {
        if (!path.starts_with(prefix)) continue;
        const auto name =
            path.substr(prefix.size(), path.size() - prefix.size() - member.size() - 1);
        return {std::string(words) + std::string(name), member};
    }
    if (path.starts_with("context.")) return {"the context", member};
    if (path.starts_with("notice.")) return {"the notice", member};
    return {"the policy", member};
}

std::string_view words_for(std::string_view member) {
    const auto* const found =
        std::ranges::find(member_words, member, &decltype(member_words)::value_type::first);
    return found == member_words.end() ? member : found->second;
}

std::string shown_models(const Json& models) {
    const auto attested = models.value("attestation", "none");
    std::string text = attested == "attested" ? "attested by their maker" : "not attested";
    if (!models.contains("allowed_aaguids")) return text + ", any model";
    for (const auto& model : models["allowed_aaguids"]) {
        text += ", " + model.get<std::string>();
    }
    return text;
}

std::string shown_list(const Json& list) {
    if (list.empty()) return "none";
    std::string text;
    for (const auto& each : list) {
        text += text.empty() ? "" : ", ";
        if (each.is_object() && each.contains("os")) {
            text += each.value("os", "") + " " + each.value("version", "");
        } else {
            text += each.is_string() ? each.get<std::string>() : each.dump();
        }
    }
    return text;
}

std::string shown_exception(const Json& exception) {
    return exception_words({
        .strength = strength_in_member(exception),
        .risk_item = exception.value("risk_item", ""),
        .reason = exception.value("reason", ""),
        .accepted_by = exception.value("accepted_by", ""),
        .until = parse_time(exception.value("until", "")).value_or(Time()),
    });
}

std::string shown(std::string_view member, const Json& value) {
    if (member == "recovery_by_mail") return value == true ? "yes" : "no";
    if (value.is_null()) return "none";
    if (member == "exception") return shown_exception(value);
    if (member == "authenticator_models") return shown_models(value);
    if (member == "risk") {
        const auto known = risk(value.get<std::string>());
        return known ? fmt::format(
                           "{}; they show {}",
                           risk_words(*known),
                           strength_words(required_strength(*known))
                       )
                     : value.get<std::string>();
    }
    if (member.ends_with("_seconds")) {
        return duration_words(std::chrono::seconds(value.get<std::int64_t>()));
    }
    if (value.is_array()) return shown_list(value);
    return value.is_string() ? value.get<std::string>() : value.dump();
}

bool lists(const Json& list, const Json& item) {
    return std::ranges::find(list, item) != list.end();
}

// A list of permissions that changes, one permission after the other. `weaker_when_there`: of what
// a role may do; else of what is asked for.
void add_permissions(
    const MemberChange& change,
    const Place& place,
    std::string_view words,
    bool weaker_when_there,
    std::vector<PolicyChange>& changes
) {
    const auto add = [&](const Json& item, bool there) {
        changes.push_back(
            {.about = place.about,
             .what = fmt::format("{} {}", words, item.get<std::string>()),
             .from = there ? "no" : "yes",
             .to = there ? "yes" : "no",
             .weaker = there == weaker_when_there}
        );
    };
    for (const auto& item : change.before) {
        if (!lists(change.after, item)) add(item, false);
    }
    for (const auto& item : change.after) {
        if (!lists(change.before, item)) add(item, true);
    }
}

// Whether `wide` still says of whomever `narrow` spoke of at least as much.
bool covers(const ContextRule& wide, const ContextRule& narrow) {
    const bool roles =
        wide.roles.empty() ||
        (!narrow.roles.empty() && std::ranges::all_of(narrow.roles, [&](const std::string& role) {
            return std::ranges::find(wide.roles, role) != wide.roles.end();
        }));
    const bool segments = wide.segments.none() ||
                          (narrow.segments.any() && (narrow.segments & ~wide.segments).none());
    return roles && segments && (!wide.posture || wide.posture == narrow.posture) &&
           (!wide.place || wide.place == narrow.place) && wide.outcome >= narrow.outcome;
}

std::string shown(const ContextRule& rule) {
    return fmt::format("{} {}", rule_words(rule), rule.rationale);
}

// Rules have no names: one that changes is gone and new.
void add_rules(const Policy& from, const Policy& to, std::vector<PolicyChange>& changes) {
    const auto has = [](const Policy& policy, const ContextRule& rule) {
        return std::ranges::find(policy.context.rules, rule) != policy.context.rules.end();
    };
    for (const auto& rule : from.context.rules) {
        if (has(to, rule)) continue;
        const bool covered = std::ranges::any_of(to.context.rules, [&](const ContextRule& other) {
            return covers(other, rule);
        });
        changes.push_back({"the context", "rule", shown(rule), "none", !covered});
    }
    for (const auto& rule : to.context.rules) {
        if (has(from, rule)) continue;
        changes.push_back({"the context", "rule", "none", shown(rule), false});
    }
}

}  // namespace

std::vector<PolicyChange> changes_between(const Policy& from, const Policy& to) {
    std::vector<PolicyChange> changes;
    for (const auto& change : changed_members(from, to)) {
        if (change.path.starts_with("context.rules ")) continue;
        const auto place = place_in(change.path);
        const bool both = !change.before.is_null() && !change.after.is_null();
        if (both && place.member == "permissions") {
            add_permissions(change, place, "permission", true, changes);
        } else if (both && place.member == "step_up") {
            add_permissions(change, place, "a fresh proof for", false, changes);
        } else {
            changes.push_back(
                {.about = place.about,
                 .what = std::string(words_for(place.member)),
                 .from = shown(place.member, change.before),
                 .to = shown(place.member, change.after),
                 .weaker = is_weaker(change, from, to)}
            );
        }
    }
    add_rules(from, to, changes);
    // What is about one thing stands together, whether it was there before or not.
    std::ranges::sort(changes, [](const PolicyChange& one, const PolicyChange& other) {
        return std::tie(one.about, one.what, one.from) <
               std::tie(other.about, other.what, other.from);
    });
    return changes;
}

}  // namespace sallyport::policy
