#pragma once
// The members of a role that say what it demands: "risk", "risk_item", "exception". For .cpp files
// only.

#include "domain/directory/bounded_json.h"
#include "domain/policy/policy.h"

#include <nlohmann/json.hpp>

#include <string>

namespace sallyport::policy {

void add_risk_json(nlohmann::ordered_json& role_json, const RoleRules& role);

// A policy from before there were classes says "strength" in their place, and keeps what it says.
void read_risk(
    directory::MemberReader& members, const std::string& path, std::string& problem, RoleRules& role
);

}  // namespace sallyport::policy
