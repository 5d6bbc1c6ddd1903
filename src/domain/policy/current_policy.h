#pragma once

#include "base/core/time.h"
#include "domain/policy/policy.h"
#include "domain/policy/risk.h"

#include <memory>
#include <mutex>
#include <optional>

namespace sallyport::policy {

// The policy in force, held in memory for the hot path; whoever applies a new version puts it
// here after the commit. Two that were applied one after the other may get here in any order: the
// later version stays. What it demands is that of the time at which it is asked for: an exception
// ends, and two factors are asked of everybody, by itself (S0-75, S0-53). Thread-safe. (A mutex,
// since libstdc++ 12's atomic shared_ptr trips TSan.)
class CurrentPolicy {
public:
    // `clock` must outlive it.
    CurrentPolicy(const std::shared_ptr<const Policy>& policy, const Clock& clock)
        : clock_(clock), demanding_(demanding_now(*policy)) {}

    [[nodiscard]] std::shared_ptr<const Policy> get() const {
        const std::lock_guard lock(mutex_);
        // The clock is read only while something is to change by itself.
        if (demanding_.until && clock_.now() >= *demanding_.until) {
            demanding_ = demanding_now(*demanding_.policy);
        }
        return demanding_.policy;
    }

    void set(const std::shared_ptr<const Policy>& policy) {
        const std::lock_guard lock(mutex_);
        if (policy->version > demanding_.policy->version) demanding_ = demanding_now(*policy);
    }

private:
    struct Demanding {
        std::shared_ptr<const Policy> policy;
        std::optional<Time> until;
    };

    [[nodiscard]] Demanding demanding_now(const Policy& policy) const {
        const auto now = clock_.now();
        return {
            .policy = std::make_shared<const Policy>(demanding_at(policy, now)),
            .until = next_demand_change(policy, now),
        };
    }

    const Clock& clock_;
    mutable std::mutex mutex_;
    mutable Demanding demanding_;
};

}  // namespace sallyport::policy
