#include "domain/audit/repeats.h"

#include "domain/audit/log.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::audit {

namespace {

struct Counted {
    Duration told_at;
    std::int64_t times = 0;  // since then, and not told
    Event last;
};

// How many occurrences this event stands for, itself included.
Event with_times(Event event, std::int64_t times) {
    event.fields.push_back({"times", times});
    return event;
}

}  // namespace

struct Repeats::State {
    std::mutex mutex;
    std::map<std::string, Counted> counted;

    // Forgets what is over and has nothing to tell, so that there is room.
    void forget(Duration now) {
        std::erase_if(counted, [&](const auto& entry) {
            return entry.second.times == 0 && now - entry.second.told_at >= window;
        });
    }

    // The event to be written now, if one is.
    std::optional<Event> offer(
        const Event& event, std::string key, std::string rest, Duration now
    ) {
        const std::lock_guard lock(mutex);
        if (!counted.contains(key) && counted.size() >= sources_max) forget(now);
        if (!counted.contains(key) && counted.size() >= sources_max) key = std::move(rest);
        const auto [at, first] = counted.try_emplace(key, Counted{.told_at = now, .last = event});
        if (first) return event;
        auto& known = at->second;
        if (now - known.told_at < window) {
            ++known.times;
            known.last = event;
            return std::nullopt;
        }
        known.told_at = now;
        const auto times = std::exchange(known.times, 0) + 1;
        return times == 1 ? event : with_times(event, times);
    }
};

Repeats::Repeats() : state_(std::make_shared<State>()) {}

void Repeats::append(
    store::Tx& tx,
    const Moment& moment,
    const Event& event,
    std::string_view kind,
    std::string_view source
) const {
    const auto told = offer(event, kind, source, moment.monotonic);
    if (told) audit::append(tx, moment, *told);
}

std::optional<Event> Repeats::offer(
    const Event& event, std::string_view kind, std::string_view source, Duration monotonic_now
) const {
    const auto type = std::string(event.type) + ' ' + std::string(kind) + ' ';
    return state_->offer(event, type + std::string(source), type + "others", monotonic_now);
}

std::vector<Event> Repeats::take(Duration monotonic_now, Which which) const {
    const std::lock_guard lock(state_->mutex);
    std::vector<Event> events;
    for (auto& [key, known] : state_->counted) {
        const bool over = monotonic_now - known.told_at >= window;
        if (known.times == 0 || (!over && which == Which::due)) continue;
        events.push_back(with_times(std::move(known.last), std::exchange(known.times, 0)));
        known.last = {};
        known.told_at = monotonic_now;
    }
    state_->forget(monotonic_now);
    return events;
}

}  // namespace sallyport::audit
