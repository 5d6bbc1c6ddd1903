#pragma once
// How well a device is looked after, by what a device management (MDM), an agent or a certificate
// says of it. What nobody says is not known, and not known is not compliant (S1-37).

#include "base/core/time.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::policy {

enum class Posture : std::uint8_t { compliant, unknown, not_compliant };

[[nodiscard]] std::string_view to_text(Posture posture) noexcept;  // "not_compliant"
[[nodiscard]] std::optional<Posture> posture(std::string_view text) noexcept;

struct PostureClaims {
    bool disk_encrypted = false;
    std::string os;          // "windows", as the policy's floors call it
    std::string os_version;  // up to 6 numbers with dots between: "10.0.22631"
    Time reported_at;
};

// The oldest version of a system that is still mended.
struct OsFloor {
    std::string os;
    std::string version;
};

inline constexpr std::chrono::hours posture_age_max{24};
// Between the clock of whoever reports and ours.
inline constexpr std::chrono::minutes posture_clock_difference_max{5};

// Claims that are older than a day, from the future, of a disk in the clear or of a system below
// its floor: not compliant. None, or of a system that has no floor or whose version can't be read:
// unknown. Pure.
[[nodiscard]] Posture judge_posture(
    const std::vector<OsFloor>& floors, const std::optional<PostureClaims>& claims, Time now
);

// Whether `text` is 1 to 6 numbers of at most 9 digits with dots between.
[[nodiscard]] bool is_os_version(std::string_view text);

}  // namespace sallyport::policy
