#pragma once
// Work that nobody waits for: numbering the audit log, ending what has run out, writing down who
// was active, watching the clock and the memory for secrets, sending mail. A thread each for what
// must not wait for the others, ended by the destructor.

#include "apps/sallyport/memory_watch.h"

#include "base/core/moment.h"
#include "base/store/database.h"
#include "domain/audit/clock_watch.h"
#include "domain/audit/repeats.h"
#include "domain/audit/sequencer.h"
#include "domain/policy/current_policy.h"
#include "domain/policy/lease.h"
#include "domain/session/session_cache.h"
#include "edge/export/mail/mail_sender.h"
#include "edge/gateway/http/http_gateway.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace sallyport::cli {

class BackgroundJobs {
public:
    struct Parts {
        store::Database& database;
        audit::Sequencer& sequencer;  // started already
        session::SessionCache& sessions;
        policy::Leases& leases;
        gateway::HttpGateway& gateway;
        MomentSource& moments;
        const audit::Repeats& repeats;
        const policy::CurrentPolicy& policy;
        std::atomic<bool>& read_only;  // set when the log is not healthy any more
        mail::MailSender* mail;        // null: none is sent
        // Judges the certificates of workstations; empty: there is nothing to judge them by.
        std::function<void(const std::atomic<bool>& stopping)> judge_workstations;
        std::atomic<bool>& stopping;  // set by the destructor: ends a mail under way
    };

    explicit BackgroundJobs(Parts parts);
    // Runs the sequencer once more, so that what was committed is published.
    ~BackgroundJobs();
    BackgroundJobs(const BackgroundJobs&) = delete;
    BackgroundJobs& operator=(const BackgroundJobs&) = delete;
    BackgroundJobs(BackgroundJobs&&) = delete;
    BackgroundJobs& operator=(BackgroundJobs&&) = delete;

private:
    void number_events();
    void keep_house();
    void watch_visits();
    void send_mail();
    void judge_workstations();
    void end_what_ran_out();
    void write_activity();
    void write_repeats(audit::Repeats::Which which);
    void forget_what_is_over();
    void watch_clock(bool store_it);
    void follow_steps(const Moment& moment, Duration step);
    void watch_memory();
    // Waits, in real time; false once the jobs are to stop.
    [[nodiscard]] bool wait(std::chrono::milliseconds time);

    Parts parts_;
    std::optional<Time> highest_;  // of the housekeeping thread
    audit::ClockSteps steps_;      // likewise
    MemoryWatch memory_;           // likewise
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread numbering_;
    std::thread housekeeping_;
    std::thread watching_;
    std::thread mailing_;
    std::thread judging_;
};

}  // namespace sallyport::cli
