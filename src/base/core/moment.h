#pragma once

#include "base/core/random.h"
#include "base/core/time.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace sallyport {

// How far the wall clock can be believed; goes into every audit event.
enum class ClockState : std::uint8_t {
    synchronised,    // the kernel says that a time source disciplines it
    unsynchronised,  // nothing disciplines it: times are this machine's own
    behind,          // more than 5 s behind the highest time stored: nothing new may start
};

// The circumstances in which a domain function runs: when, on which node, with which dice. Made by
// the edge once per piece of work, so that everything decided in one transaction has one time.
struct Moment {
    Time now;
    Duration monotonic;
    ClockState clock;
    Random& random;
    const std::string& node;
};

// Where Moments come from: one per process. Thread-safe.
class MomentSource {
public:
    // Clock and dice must outlive it.
    MomentSource(const Clock& clock, Random& random, std::string node)
        : clock_(clock), random_(random), node_(std::move(node)) {}

    [[nodiscard]] Moment now() const {
        return {clock_.now(), clock_.monotonic(), state_.load(), random_, node_};
    }

    // What the clock watch found last; kept for every Moment made from then on.
    void assess(ClockState state) noexcept { state_.store(state); }

private:
    const Clock& clock_;
    Random& random_;
    std::string node_;
    std::atomic<ClockState> state_{ClockState::unsynchronised};
};

}  // namespace sallyport
