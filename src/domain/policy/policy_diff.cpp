#include "domain/policy/policy_store.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>

namespace sallyport::policy {

namespace {

// Every member with its path; roles, zones and profiles by name, so that moving one changes
// nothing.
using Members = std::map<std::string, std::string>;

void add_members(const nlohmann::json& object, const std::string& path, Members& members) {
    for (const auto& [name, member] : object.items()) {
        members.emplace(path + name, member.dump());
    }
}

Members members_of(const Policy& policy) {
    auto document = nlohmann::json::parse(to_json(policy));
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
    // Rules have no names: one that changes is gone and new.
    for (const auto& rule : document["context"]["rules"]) {
        members.emplace("context.rules " + rule.dump(), "there");
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

std::string diff_of(const Policy& from, const Policy& to) {
    const auto before = members_of(from);
    const auto after = members_of(to);
    std::string diff;
    for (const auto& [path, text] : before) {
        const auto found = after.find(path);
        if (found == after.end()) {
            diff += fmt::format("{}: {} -> (gone)\n", path, text);
        } else if (found->second != text) {
            diff += fmt::format("{}: {} -> {}\n", path, text, found->second);
        }
    }
    for (const auto& [path, text] : after) {
        if (!before.contains(path)) diff += fmt::format("{}: (new) -> {}\n", path, text);
    }
    return diff;
}

}  // namespace sallyport::policy
