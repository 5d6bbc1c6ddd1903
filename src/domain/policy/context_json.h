#pragma once
// The member "context" of a policy document. For .cpp files only.

#include "domain/directory/bounded_json.h"
#include "domain/policy/policy.h"

#include <nlohmann/json.hpp>

#include <string>

namespace sallyport::policy {

inline constexpr std::size_t home_countries_max = 50;
inline constexpr std::size_t os_floors_max = 20;
inline constexpr std::size_t context_rules_max = 64;

[[nodiscard]] nlohmann::ordered_json context_json(const ContextRules& context);

// May be absent: policies from before have none, and then the context demands nothing.
void read_context(directory::MemberReader& document, std::string& problem, Policy& policy);

}  // namespace sallyport::policy
