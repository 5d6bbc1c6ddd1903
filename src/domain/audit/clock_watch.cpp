#include "domain/audit/clock_watch.h"

namespace sallyport::audit {

ClockState assess_clock(const std::optional<Time>& highest, Time now, TimeSource source) noexcept {
    if (highest && *highest - now > clock_behind_max) return ClockState::behind;
    return source == TimeSource::disciplined ? ClockState::synchronised
                                             : ClockState::unsynchronised;
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

}  // namespace sallyport::audit
