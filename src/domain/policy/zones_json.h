#pragma once
// The members "zones" and "timer_profiles" of a policy document. For .cpp files only.

#include "domain/directory/bounded_json.h"
#include "domain/policy/policy.h"

#include <nlohmann/json.hpp>

#include <string>

namespace sallyport::policy {

inline constexpr std::size_t zones_max = 64;
inline constexpr std::size_t zone_networks_max = 64;
inline constexpr std::size_t timer_profiles_max = 50;
inline constexpr std::size_t timer_rationale_size_min = 10;
inline constexpr std::size_t timer_rationale_size_max = 400;

[[nodiscard]] nlohmann::ordered_json zones_json(const Policy& policy);
[[nodiscard]] nlohmann::ordered_json timer_profiles_json(const Policy& policy);

// Both may be absent: policies from before there were zones have none.
void read_zones(directory::MemberReader& document, std::string& problem, Policy& policy);
void read_timer_profiles(directory::MemberReader& document, std::string& problem, Policy& policy);

}  // namespace sallyport::policy
