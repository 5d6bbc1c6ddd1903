#pragma once
// Two policies, member by member. For .cpp files only.

#include "domain/policy/policy.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace sallyport::policy {

// Null where there is none: no policy has a member that is null.
struct MemberChange {
    std::string path;  // "roles.engineer.idle_seconds"; roles, zones and profiles by name
    nlohmann::json before;
    nlohmann::json after;
};

// What differs but for the version: first what was there before, then what is new, each by path. A
// rule of the context has no name: one that changes is gone and new, its path its whole text.
[[nodiscard]] std::vector<MemberChange> changed_members(const Policy& from, const Policy& to);

}  // namespace sallyport::policy
