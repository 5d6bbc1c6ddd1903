#include "domain/audit/clock_watch.h"

#include "domain/audit/log.h"

#include <algorithm>

namespace sallyport::audit {

ClockState assess_clock(const std::optional<Time>& highest, Time now, TimeSource source) noexcept {
    if (highest && *highest - now > clock_behind_max) return ClockState::behind;
    return source == TimeSource::disciplined ? ClockState::synchronised
                                             : ClockState::unsynchronised;
}

Duration ClockSteps::look(Time now, Duration monotonic) {
    const Duration offset = now.time_since_epoch() - monotonic;
    const Duration step = offset - offset_.value_or(offset);
    if (std::chrono::abs(step) >= clock_step_min) return step;
    offset_ = std::max(offset_.value_or(offset), offset);
    return Duration(0);
}

void ClockSteps::accept(Time now, Duration monotonic) noexcept {
    offset_ = now.time_since_epoch() - monotonic;
}

void note_step(store::Tx& tx, const Moment& moment, Duration step) {
    using std::chrono::milliseconds;
    auto event = event_by(system_actor("clock-watch"), "time.skew", "note", "node:" + moment.node);
    event.fields = {
        {.name = "node", .value = moment.node},
        {.name = "offset_ms",
         .value = std::int64_t{std::chrono::duration_cast<milliseconds>(step).count()}},
        {.name = "source", .value = std::string("monotonic")},
        {.name = "action", .value = std::string(step < Duration(0) ? "sessions_moved" : "none")},
    };
    append(tx, moment, event);
}

std::optional<Time> highest_time(store::Tx& tx) {
    const auto rows = tx.query("SELECT highest_us FROM clock_mark WHERE id = 1");
    if (rows.empty()) return std::nullopt;
    return rows.front().time(0);
}

std::optional<Time> note_time(store::Tx& tx, Time now) {
    const auto before = highest_time(tx);
    if (before && *before >= now) return before;
    tx.execute(
        "INSERT INTO clock_mark (id, highest_us) VALUES (1, ?) "
        "ON CONFLICT (id) DO UPDATE SET highest_us = excluded.highest_us "
        "WHERE excluded.highest_us > clock_mark.highest_us",
        {store::value(now)}
    );
    return before;
}

Result<void> accept_time(store::Tx& tx, const Moment& moment, const HostCommand& by) {
    using std::chrono::milliseconds;
    const auto highest = highest_time(tx);
    if (!highest || *highest - moment.now <= clock_behind_max) {
        return refuse(Refusal::conflict, "clock.not_behind");
    }
    tx.execute("UPDATE clock_mark SET highest_us = ? WHERE id = 1", {store::value(moment.now)});
    auto event = event_by(by, "time.skew", "accept", "node:" + moment.node);
    const auto offset = std::chrono::duration_cast<milliseconds>(moment.now - *highest);
    event.fields.push_back({.name = "node", .value = moment.node});
    event.fields.push_back({.name = "offset_ms", .value = std::int64_t{offset.count()}});
    event.fields.push_back({.name = "source", .value = std::string("operator")});
    event.fields.push_back({.name = "action", .value = std::string("highest_time_lowered")});
    append(tx, moment, event);
    return {};
}

}  // namespace sallyport::audit
