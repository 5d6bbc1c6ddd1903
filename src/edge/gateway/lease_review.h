#pragma once
// After a change of the policy: every lease that was decided under an older version is decided
// anew. What is still allowed goes on; the rest is cut, and so is what nobody could decide in time.

#include "base/core/moment.h"
#include "base/store/database.h"
#include "domain/policy/current_policy.h"
#include "domain/policy/lease.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace sallyport::gateway {

// So long an old decision may stand while the store does not answer. With the time between two
// steps and the grace in which a person is told, well within the 5 s in which a cut is due.
inline constexpr std::chrono::seconds review_time_max{2};

// Thread-safe.
class LeaseReview {
public:
    // All of it outlives the review.
    LeaseReview(
        store::Database& database,
        const policy::CurrentPolicy& policy,
        policy::Leases& leases,
        const MomentSource& moments
    );
    // Waits for the store's answer, if one is due.
    ~LeaseReview();
    LeaseReview(const LeaseReview&) = delete;
    LeaseReview& operator=(const LeaseReview&) = delete;
    LeaseReview(LeaseReview&&) = delete;
    LeaseReview& operator=(LeaseReview&&) = delete;

    // Every 250 ms; returns at once, the store answers later. That a lease is found by its version,
    // and not by the event of the change, is what catches one that was decided before the change
    // and held after it.
    void step();

private:
    struct Round;

    // Whether the caller may ask the store; if one asked before, whether that was too long ago.
    enum class Turn : std::uint8_t { mine, wait, overdue };
    [[nodiscard]] Turn take_turn(Duration monotonic);
    void end_turn(bool answered);
    void ask(std::shared_ptr<const policy::Policy> policy, std::vector<policy::HeldLease> stale);
    void settle(const Round& round);
    void cut(const policy::HeldLease& held, policy::CutCause cause);
    void cut_all(const std::vector<policy::HeldLease>& stale);

    store::Database& database_;
    const policy::CurrentPolicy& policy_;
    policy::Leases& leases_;
    const MomentSource& moments_;

    std::mutex mutex_;
    std::condition_variable answered_;
    bool asking_ = false;
    std::optional<Duration> stale_since_;  // monotonic
};

}  // namespace sallyport::gateway
