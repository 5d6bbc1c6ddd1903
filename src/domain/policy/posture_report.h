#pragma once
// What a device management (MDM) exports about workstations: a JSON array of objects, or one object
// a line.
//     {"workstation": "ward-3-a", "disk_encrypted": true, "os": "windows",
//      "os_version": "10.0.22631", "reported_at": "2026-11-22T08:00:00Z"}

#include "base/core/result.h"
#include "domain/policy/posture.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::policy {

struct PostureReport {
    std::string workstation;  // its registered name, which need not be known
    PostureClaims claims;
};

inline constexpr std::size_t posture_reports_max = 20'000;
inline constexpr std::size_t posture_reports_size_max = std::size_t{8} << 20U;

// Read strictly: a member that is unknown, missing or doubled is a mistake. Refuses invalid
// "posture.too_large", "posture.malformed" and "posture.future" (more than the clocks may differ);
// the detail names line or place and what should be there. Pure.
[[nodiscard]] Result<std::vector<PostureReport>> parse_posture_reports(
    std::string_view text, Time now
);

}  // namespace sallyport::policy
