#pragma once

#include "domain/policy/policy.h"

#include <memory>
#include <mutex>
#include <utility>

namespace sallyport::policy {

// The policy in force, held in memory for the hot path; whoever applies a new version puts it
// here after the commit. Two that were applied one after the other may get here in any order: the
// later version stays. Thread-safe. (A mutex, since libstdc++ 12's atomic shared_ptr trips TSan.)
class CurrentPolicy {
public:
    explicit CurrentPolicy(std::shared_ptr<const Policy> policy) : policy_(std::move(policy)) {}

    [[nodiscard]] std::shared_ptr<const Policy> get() const {
        const std::lock_guard lock(mutex_);
        return policy_;
    }

    void set(std::shared_ptr<const Policy> policy) {
        const std::lock_guard lock(mutex_);
        if (policy->version > policy_->version) policy_ = std::move(policy);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Policy> policy_;
};

}  // namespace sallyport::policy
