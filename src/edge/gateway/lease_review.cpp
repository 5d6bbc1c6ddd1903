#include "edge/gateway/lease_review.h"

#include "base/core/log.h"
#include "domain/governance/standing_visit.h"

#include <exception>
#include <utility>

namespace sallyport::gateway {

namespace {

// The policy, unless the store knows of something else that ended.
policy::CutCause cause_of(const Refusal& refusal) {
    using policy::CutCause;
    if (refusal.reason.starts_with("session.")) return CutCause::session_ended;
    if (refusal.reason == "grant.over") return CutCause::grant_over;
    if (refusal.reason.starts_with("grant.")) return CutCause::grant_revoked;
    if (refusal.reason.starts_with("device.")) return CutCause::device_retired;
    return CutCause::policy_changed;
}

}  // namespace

// One question to the store, and its answer.
struct LeaseReview::Round {
    std::shared_ptr<const policy::Policy> policy;
    Moment moment;
    std::vector<policy::HeldLease> stale;
    std::vector<Result<policy::Permit>> answers;  // of each
};

LeaseReview::LeaseReview(
    store::Database& database,
    const policy::CurrentPolicy& policy,
    policy::Leases& leases,
    const MomentSource& moments
)
    : database_(database), policy_(policy), leases_(leases), moments_(moments) {}

LeaseReview::~LeaseReview() {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [this] { return !asking_; });
}

void LeaseReview::step() {
    auto policy = policy_.get();
    auto stale = leases_.decided_before(policy->version);
    if (stale.empty()) {
        const std::lock_guard lock(mutex_);
        stale_since_.reset();
        return;
    }
    switch (take_turn(moments_.now().monotonic)) {
        case Turn::mine:
            try {
                ask(std::move(policy), std::move(stale));
            } catch (...) {
                end_turn(false);
                throw;
            }
            break;
        case Turn::overdue:
            log::error("leases could not be decided anew in time and are cut", {});
            cut_all(stale);
            break;
        case Turn::wait:
            break;
    }
}

LeaseReview::Turn LeaseReview::take_turn(Duration monotonic) {
    const std::lock_guard lock(mutex_);
    if (!stale_since_) stale_since_ = monotonic;
    if (monotonic - *stale_since_ >= review_time_max) return Turn::overdue;
    return std::exchange(asking_, true) ? Turn::wait : Turn::mine;
}

void LeaseReview::end_turn(bool answered) {
    const std::lock_guard lock(mutex_);
    asking_ = false;
    if (answered) stale_since_.reset();
    answered_.notify_all();
}

void LeaseReview::ask(
    std::shared_ptr<const policy::Policy> policy, std::vector<policy::HeldLease> stale
) {
    auto round =
        std::make_shared<Round>(Round{std::move(policy), moments_.now(), std::move(stale), {}});
    auto look = [round](store::Tx& tx) {
        round->answers.clear();  // it may be run again
        for (const auto& held : round->stale) {
            round->answers.push_back(
                governance::decide_anew(tx, round->moment, *round->policy, held)
            );
        }
    };
    auto done = [this, round](const std::exception_ptr& failed) {
        if (failed) {
            cut_all(round->stale);  // who can't be decided anew is not let go on
        } else {
            settle(*round);
        }
        end_turn(!failed);
    };
    database_.submit_read(std::move(look), std::move(done));
}

void LeaseReview::settle(const Round& round) {
    for (std::size_t i = 0; i < round.stale.size(); ++i) {
        const auto& held = round.stale[i];
        const auto& answer = round.answers[i];
        if (answer) {
            (void)leases_.renew(held.connection, *answer);
        } else {
            cut(held, cause_of(answer.error()));
        }
    }
}

// Does not throw: it runs where the store's answer comes in.
void LeaseReview::cut(const policy::HeldLease& held, policy::CutCause cause) {
    try {
        leases_.cut_connection(held.connection, cause);
    } catch (const std::exception& failed) {
        log::error(
            "a lease was cut, but its holder could not be told",
            {{"connection", held.connection.text()}, {"why", failed.what()}}
        );
    }
}

void LeaseReview::cut_all(const std::vector<policy::HeldLease>& stale) {
    for (const auto& held : stale) {
        cut(held, policy::CutCause::policy_changed);
    }
}

}  // namespace sallyport::gateway
