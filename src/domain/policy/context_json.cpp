#include "domain/policy/context_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sallyport::policy {

namespace {

using directory::MemberReader;
using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t roles_max = 10;
constexpr std::size_t name_size_max = 32;
constexpr std::size_t rationale_size_min = 10;
constexpr std::size_t rationale_size_max = 400;

bool is_country(std::string_view text) {
    return text.size() == 2 &&
           std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::vector<std::string> texts_in(
    MemberReader& members, std::string_view name, std::size_t count_max
) {
    std::vector<std::string> texts;
    for (const auto& each : members.array(name, count_max)) {
        const auto* const text = each.get_ptr<const std::string*>();
        if (text == nullptr || text->empty() || text->size() > name_size_max) {
            members.complain(name, "must be texts of 1 to 32 bytes");
            return {};
        }
        texts.push_back(*text);
    }
    return texts;
}

std::bitset<zone_kind_count> segments_in(MemberReader& members) {
    std::bitset<zone_kind_count> segments;
    for (const auto& text : texts_in(members, "segments", zone_kind_count)) {
        const auto kind = zone_kind(text);
        if (!kind) {
            members.complain("segments", "must be consult_room, ward, pharmacy, admin or remote");
            return {};
        }
        segments.set(static_cast<std::size_t>(*kind));
    }
    return segments;
}

ContextRule rule_in(const Json& object, std::string path, std::string& problem) {
    MemberReader members(object, std::move(path), problem);
    ContextRule rule;
    if (members.has("roles")) rule.roles = texts_in(members, "roles", roles_max);
    if (members.has("segments")) rule.segments = segments_in(members);
    if (members.has("posture")) {
        rule.posture = posture(members.text("posture", 1, name_size_max));
        if (!rule.posture) {
            members.complain("posture", "must be compliant, unknown or not_compliant");
        }
    }
    if (members.has("place")) {
        rule.place = place(members.text("place", 1, name_size_max));
        if (!rule.place) members.complain("place", "must be home, abroad or unknown");
    }
    const auto outcome = context_outcome(members.text("outcome", 1, name_size_max));
    if (!outcome || *outcome == ContextOutcome::allow) {
        members.complain("outcome", "must be step_up, phishing_resistant, limited or deny");
    }
    rule.outcome = outcome.value_or(ContextOutcome::deny);
    rule.rationale = members.text("rationale", rationale_size_min, rationale_size_max);
    members.finish();
    return rule;
}

OsFloor os_floor_in(const Json& object, std::string path, std::string& problem) {
    MemberReader members(object, std::move(path), problem);
    OsFloor floor;
    floor.os = members.text("os", 1, name_size_max);
    floor.version = members.text("version", 1, 64);
    if (!is_os_version(floor.version)) {
        members.complain("version", "must be 1 to 6 numbers with dots between");
    }
    members.finish();
    return floor;
}

OrderedJson rule_json(const ContextRule& rule) {
    OrderedJson json = OrderedJson::object();
    if (!rule.roles.empty()) json["roles"] = rule.roles;
    if (rule.posture) json["posture"] = to_text(*rule.posture);
    if (rule.place) json["place"] = to_text(*rule.place);
    for (std::size_t i = 0; i < zone_kind_count; ++i) {
        if (rule.segments.test(i)) json["segments"].push_back(to_text(static_cast<ZoneKind>(i)));
    }
    json["outcome"] = to_text(rule.outcome);
    json["rationale"] = rule.rationale;
    return json;
}

}  // namespace

OrderedJson context_json(const ContextRules& context) {
    auto floors = OrderedJson::array();
    for (const auto& floor : context.os_floors) {
        floors.push_back({{"os", floor.os}, {"version", floor.version}});
    }
    auto rules = OrderedJson::array();
    for (const auto& rule : context.rules) {
        rules.push_back(rule_json(rule));
    }
    return {
        {"home_countries", context.home_countries},
        {"os_floors", std::move(floors)},
        {"rules", std::move(rules)},
    };
}

void read_context(MemberReader& document, std::string& problem, Policy& policy) {
    if (!document.has("context")) return;
    MemberReader members(document.object("context"), "context", problem);
    auto& context = policy.context;
    context.home_countries = texts_in(members, "home_countries", home_countries_max);
    if (!std::ranges::all_of(context.home_countries, is_country)) {
        members.complain("home_countries", "must be codes of two capitals, like DE");
    }
    const auto& floors = members.array("os_floors", os_floors_max);
    for (std::size_t i = 0; i < floors.size(); ++i) {
        context.os_floors.push_back(
            os_floor_in(floors[i], fmt::format("context.os_floors[{}]", i), problem)
        );
    }
    const auto& rules = members.array("rules", context_rules_max);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        context.rules.push_back(rule_in(rules[i], fmt::format("context.rules[{}]", i), problem));
    }
    members.finish();
}

}  // namespace sallyport::policy
