#pragma once
// The flaw this device stands for: one user and one password, the same in every pump that was ever
// sold, compiled in and not changeable. It is a demonstration value and protects nothing; the
// secret scan of the repository lists this file by name.

#include <string_view>

namespace pump {

inline constexpr std::string_view service_user = "service";
inline constexpr std::string_view service_password = "infuse-2009";

}  // namespace pump
