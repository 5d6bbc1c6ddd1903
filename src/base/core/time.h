#pragma once
// Time is a value that is passed in. Only the edge asks a Clock; everything below takes `now`.

#include "base/core/result.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport {

// UTC, in microseconds. Shown in milliseconds.
using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;

class Clock {
public:
    virtual ~Clock() = default;
    // Wall clock; may step either way. What people and the audit log see.
    [[nodiscard]] virtual Time now() const = 0;
    // Since an arbitrary start; never goes back. What leases and timers of running work use.
    [[nodiscard]] virtual Duration monotonic() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Time now() const override;
    [[nodiscard]] Duration monotonic() const override;
};

[[nodiscard]] constexpr std::int64_t to_micros(Time time) noexcept {
    return time.time_since_epoch().count();
}

[[nodiscard]] constexpr Time from_micros(std::int64_t micros) noexcept {
    return Time(Duration(micros));
}

// RFC 3339 in UTC with milliseconds: 2026-11-22T08:30:00.250Z
[[nodiscard]] std::string to_text(Time time);
// Reads RFC 3339 with `Z` or an offset and up to six decimals. Refuses "time.malformed".
[[nodiscard]] Result<Time> parse_time(std::string_view text);

}  // namespace sallyport
