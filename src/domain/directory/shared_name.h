#pragma once
// Login names that say a place, a team or a job where a person should be named (S1-68). Whoever
// signs in as "ward3" is nobody in the audit log.

#include <string_view>

namespace sallyport::directory {

// Whether every word of the login name is one that many answer to, in English or German; digits and
// what stands between words do not count: "ward3", "icu-desk", "station.4b", "nurses". A name with
// any other word or an initial in it ("erik.ward", "j.ward") names somebody. Pure; of a parsed
// LoginName.
[[nodiscard]] bool is_shared_name(std::string_view login_name) noexcept;

}  // namespace sallyport::directory
