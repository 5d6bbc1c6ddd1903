#pragma once
// Time and dice that a test holds in its hand.

#include "base/core/moment.h"
#include "base/core/random.h"
#include "base/core/time.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>

namespace sallyport::test {

// A clock that stands until it is moved. Thread-safe.
class SettableClock final : public Clock {
public:
    explicit SettableClock(Time start = from_micros(1'795'334'400'000'000))  // 2026-11-22T08:00Z
        : now_(start) {}

    [[nodiscard]] Time now() const override {
        const std::lock_guard lock(mutex_);
        return now_;
    }

    [[nodiscard]] Duration monotonic() const override {
        const std::lock_guard lock(mutex_);
        return monotonic_;
    }

    // Both clocks go on by this much, as they do when time passes.
    void advance(Duration by) {
        const std::lock_guard lock(mutex_);
        now_ += by;
        monotonic_ += by;
    }

    // The wall clock is set, as by an operator or a wrong time server; monotonic time goes on.
    void step_wall(Duration by) {
        const std::lock_guard lock(mutex_);
        now_ += by;
    }

private:
    mutable std::mutex mutex_;
    Time now_;
    Duration monotonic_{0};
};

// Dice that fall the same way every run (SplitMix64).
class ReplayedRandom final : public Random {
public:
    explicit ReplayedRandom(std::uint64_t seed = 1) : state_(seed) {}

    void fill(std::span<std::byte> out) override {
        for (auto& byte : out) {
            byte = static_cast<std::byte>(next() >> 56U);
        }
    }

private:
    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }

    std::uint64_t state_;
};

// A Moment at the clock's time on a node named "test".
class Moments {
public:
    explicit Moments(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

    [[nodiscard]] Moment now() const {
        return {clock_.now(), clock_.monotonic(), ClockState::synchronised, random_, node_};
    }

private:
    const Clock& clock_;
    Random& random_;
    std::string node_ = "test";
};

}  // namespace sallyport::test
