#pragma once
// How far the wall clock can be believed. The highest time ever seen is stored, so that a clock
// that was set back shows also after a restart; what is more than 5 s behind it may start nothing
// new (sign-ins, grants, Permits), while running work ends by monotonic time.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/host_command.h"

#include <optional>

namespace sallyport::audit {

constexpr Duration clock_behind_max = std::chrono::seconds(5);
constexpr Duration clock_step_min = std::chrono::seconds(1);  // what is less is drift

// What the kernel says about the clock (adjtimex(2)); asked by the edge.
enum class TimeSource : std::uint8_t { disciplined, none };

[[nodiscard]] ClockState assess_clock(
    const std::optional<Time>& highest, Time now, TimeSource source
) noexcept;

// Notices that the wall clock was set, by comparing it with the monotonic one.
class ClockSteps {
public:
    // How far the wall clock was set, forward or (negative) back, since it was last accepted; steps
    // back add up until they make clock_step_min. 0 if it was not.
    [[nodiscard]] Duration look(Time now, Duration monotonic);
    // What look() told has been dealt with.
    void accept(Time now, Duration monotonic) noexcept;

private:
    std::optional<Duration> offset_;  // of the wall clock from the monotonic one
};

// time.skew: the wall clock was set by `step`.
void note_step(store::Tx& tx, const Moment& moment, Duration step);

[[nodiscard]] std::optional<Time> highest_time(store::Tx& tx);
// Raises the stored time to `now`, never lowers it. Returns what was stored before.
std::optional<Time> note_time(store::Tx& tx, Time now);
// An operator vouches that the wall clock is right and the stored time is not: lowers it to
// `moment.now`, and writes time.skew with who and why. Refuses conflict "clock.not_behind" unless
// the stored time is more than clock_behind_max ahead.
[[nodiscard]] Result<void> accept_time(store::Tx& tx, const Moment& moment, const HostCommand& by);

}  // namespace sallyport::audit
