#pragma once
// A role's rules for security keys in the policy's JSON:
//     "authenticator_models": {"attestation": "attested", "allowed_aaguids": ["0898…", …]},
//     "key_user_verification": "always"
// Both may be absent, and are where they ask for nothing. For policy_json.cpp.

#include "domain/directory/bounded_json.h"
#include "domain/policy/policy.h"

#include <nlohmann/json.hpp>

#include <string>

namespace sallyport::policy {

void add_security_key_json(nlohmann::ordered_json& role_json, const SecurityKeyRules& rules);
[[nodiscard]] SecurityKeyRules read_security_key_rules(
    directory::MemberReader& role, const std::string& path, std::string& problem
);

}  // namespace sallyport::policy
