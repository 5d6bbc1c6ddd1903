#include "domain/policy/policy_members.h"
#include "domain/policy/policy_store.h"

#include <fmt/format.h>

#include <map>

namespace sallyport::policy {

namespace {

using Json = nlohmann::json;

const std::string rule_path = "context.rules ";

// Every member with its path; roles, zones and profiles by name, so that moving one changes
// nothing.
using Members = std::map<std::string, Json>;

void add_members(const Json& object, const std::string& path, Members& members) {
    for (const auto& [name, member] : object.items()) {
        members.emplace(path + name, member);
    }
}

Members members_of(const Policy& policy) {
    auto document = Json::parse(to_json(policy));
    Members members;
    for (const auto& role : document["roles"]) {
        add_members(role, "roles." + role["name"].get<std::string>() + ".", members);
    }
    for (const auto& zone : document["zones"]) {
        add_members(zone, "zones." + zone["name"].get<std::string>() + ".", members);
    }
    for (const auto& profile : document["timer_profiles"]) {
        const auto name =
            profile["role"].get<std::string>() + '/' + profile["zone"].get<std::string>();
        add_members(profile, "timer_profiles." + name + ".", members);
    }
    for (const auto& rule : document["context"]["rules"]) {
        members.emplace(rule_path + rule.dump(), "there");
    }
    document["context"].erase("rules");
    add_members(document["context"], "context.", members);
    add_members(document["notice"], "notice.", members);
    for (const auto* const taken :
         {"roles", "zones", "timer_profiles", "context", "notice", "version"}) {
        document.erase(taken);
    }
    add_members(document, "", members);
    return members;
}

}  // namespace

std::vector<MemberChange> changed_members(const Policy& from, const Policy& to) {
    const auto before = members_of(from);
    const auto after = members_of(to);
    std::vector<MemberChange> changes;
    for (const auto& [path, member] : before) {
        const auto found = after.find(path);
        const auto now = found == after.end() ? Json() : found->second;
        if (now != member) changes.push_back({path, member, now});
    }
    for (const auto& [path, member] : after) {
        if (!before.contains(path)) changes.push_back({path, nullptr, member});
    }
    return changes;
}

std::string diff_of(const Policy& from, const Policy& to) {
    std::string diff;
    for (const auto& [path, before, after] : changed_members(from, to)) {
        const auto shown = [&path](const Json& member, std::string_view if_absent) {
            if (member.is_null()) return std::string(if_absent);
            return path.starts_with(rule_path) ? member.get<std::string>() : member.dump();
        };
        diff += fmt::format("{}: {} -> {}\n", path, shown(before, "(new)"), shown(after, "(gone)"));
    }
    return diff;
}

}  // namespace sallyport::policy
