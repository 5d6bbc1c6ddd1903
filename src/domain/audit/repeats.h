#pragma once
// Events that somebody without a session can cause as often as they like: who stands outside must
// not be able to fill the log. Of one kind from one source the first is written at once; those
// within the next minute are counted, and written as one event with their number (`times`) when the
// minute is over. No occurrence is forgotten. What is remembered is bounded: sources beyond
// sources_max share one place per kind.
//
// Kept in memory: an attempt that is only counted costs the database nothing. A process that is
// killed takes up to one minute's counts with it.

#include "base/core/moment.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace sallyport::audit {

// Copies share their counts. Thread-safe.
class Repeats {
public:
    static constexpr Duration window = std::chrono::minutes(1);
    static constexpr std::size_t sources_max = 64;  // of all kinds together

    Repeats();

    // Appends the event, or counts it. `kind` tells its kinds apart beyond the type, and is one of
    // a few; `source` is whom they are counted for (authn::source_bucket). Where a transaction is
    // run again, or fails, an event may be counted once too often.
    void append(
        store::Tx& tx,
        const Moment& moment,
        const Event& event,
        std::string_view kind,
        std::string_view source
    ) const;

    // The same without writing: the event to be appended now, if one is. For whoever would begin a
    // transaction for it alone.
    [[nodiscard]] std::optional<Event> offer(
        const Event& event, std::string_view kind, std::string_view source, Duration monotonic_now
    ) const;

    // What was counted and is to be written by now: the last event of each with its number. For a
    // job, which appends them; at the end of the process, all.
    enum class Which : std::uint8_t { due, all };
    [[nodiscard]] std::vector<Event> take(Duration monotonic_now, Which which) const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace sallyport::audit
