#include "apps/sallyport/background_jobs.h"

#include "base/core/log.h"
#include "domain/audit/log.h"
#include "domain/authn/certificate/workstation_standing.h"
#include "domain/authn/expiry.h"
#include "domain/authn/mail_outbox.h"
#include "domain/authn/own_authenticators.h"
#include "domain/authn/second_factor_due.h"
#include "domain/authn/sign_in.h"
#include "domain/governance/grants.h"
#include "domain/governance/push_alarm.h"
#include "domain/governance/recovery.h"
#include "domain/session/cli_code.h"
#include "domain/session/handoff.h"

#include <sys/timex.h>

#include <algorithm>
#include <exception>

namespace sallyport::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto numbering_every = 200ms;
constexpr auto house_every = 250ms;
constexpr auto mail_every = 1s;
constexpr auto judging_looks_every = 1s;
constexpr auto second_jobs_every = 4;   // of house_every
constexpr auto activity_every = 4 * 5;  // written at most 10 s late
constexpr auto forgetting_every = 4 * 60;
constexpr auto storing_time_every = 4 * 10;

// A job that fails is told and tried again with its next turn; none of them can say yes.
void attempt(std::string_view job, const std::function<void()>& work) {
    try {
        work();
    } catch (const std::exception& failed) {
        log::error("background job failed", {{"job", std::string(job)}, {"fault", failed.what()}});
    }
}

audit::TimeSource time_source() {
    timex kernel{};
    const int state = adjtimex(&kernel);
    const bool disciplined = state >= 0 && state != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0;
    return disciplined ? audit::TimeSource::disciplined : audit::TimeSource::none;
}

}  // namespace

BackgroundJobs::BackgroundJobs(Parts parts)
    : parts_(std::move(parts)),
      numbering_([this] { number_events(); }),
      housekeeping_([this] { keep_house(); }),
      watching_([this] { watch_visits(); }),
      mailing_([this] { send_mail(); }),
      judging_([this] { judge_workstations(); }) {}

BackgroundJobs::~BackgroundJobs() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        parts_.stopping.store(true);
    }
    changed_.notify_all();
    judging_.join();
    mailing_.join();
    watching_.join();
    housekeeping_.join();
    numbering_.join();
    attempt("last activity", [this] { write_activity(); });
    attempt("last repeats", [this] { write_repeats(audit::Repeats::Which::all); });
    attempt("last numbering", [this] {
        parts_.sequencer.step(parts_.database, parts_.moments.now());
    });
}

bool BackgroundJobs::wait(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

void BackgroundJobs::number_events() {
    while (wait(numbering_every)) {
        attempt("numbering", [this] {
            const auto status = parts_.sequencer.step(parts_.database, parts_.moments.now());
            const bool healthy = status.state == audit::LogState::healthy;
            if (!healthy && !parts_.read_only.exchange(true)) {
                log::error("the audit log is not trustworthy", {{"reason", status.reason}});
            }
        });
    }
}

// By itself, since it waits for nothing: what cuts a visit must not queue behind the database.
void BackgroundJobs::watch_visits() {
    while (wait(house_every)) {
        attempt("visits", [this] { parts_.gateway.tick(); });
    }
}

// By itself: a mail server may take half a minute to say nothing.
void BackgroundJobs::send_mail() {
    if (parts_.mail == nullptr) return;
    while (wait(mail_every)) {
        attempt("mail", [this] { parts_.mail->turn(parts_.stopping); });
    }
}

// By itself: a responder may take seconds to say nothing. First at once, since what stood when the
// server stopped may be over.
void BackgroundJobs::judge_workstations() {
    if (!parts_.judge_workstations) return;
    std::optional<Duration> judged_at;
    while (wait(judging_looks_every)) {
        const auto now = parts_.moments.now().monotonic;
        if (judged_at && now - *judged_at < authn::standing_judged_every) continue;
        judged_at = now;
        attempt("workstations", [this] { parts_.judge_workstations(parts_.stopping); });
    }
}

void BackgroundJobs::keep_house() {
    for (unsigned turn = 0; wait(house_every); ++turn) {
        if (turn % second_jobs_every == 0) {
            attempt("clock", [&] { watch_clock(turn % storing_time_every == 0); });
            attempt("ends", [this] { end_what_ran_out(); });
            attempt("questions", [this] {
                const auto policy = parts_.policy.get();
                governance::end_overdue_pushes(parts_.database, parts_.moments.now(), *policy);
            });
            attempt("repeats", [this] { write_repeats(audit::Repeats::Which::due); });
        }
        if (turn % activity_every == 0) attempt("activity", [this] { write_activity(); });
        if (turn % forgetting_every == 0) attempt("memory", [this] { watch_memory(); });
        if (turn % forgetting_every == 0) attempt("sweep", [this] { forget_what_is_over(); });
    }
}

// Grants whose time is over, and sessions that nobody used or that reached their longest time.
void BackgroundJobs::end_what_ran_out() {
    // First the time, then what was done until then: nobody is ended for idleness who was active.
    const auto moment = parts_.moments.now();
    write_activity();
    const auto sessions =
        parts_.database.write([&](store::Tx& tx) { return session::end_expired(tx, moment); });
    for (const auto& session : sessions) {
        parts_.sessions.drop(session);
        parts_.leases.cut_session(session, policy::CutCause::session_ended);
    }
    const auto grants = parts_.database.write([&](store::Tx& tx) {
        governance::sweep_recoveries(tx, moment);
        return governance::sweep_ended_grants(tx, moment);
    });
    for (const auto& grant : grants) {
        parts_.leases.cut_grant(grant, policy::CutCause::grant_over);
    }
}

void BackgroundJobs::write_activity() {
    const auto active = parts_.sessions.take_unwritten();
    if (active.empty()) return;
    parts_.database.write([&](store::Tx& tx) {
        for (const auto& [session, at] : active) {
            session::touch(tx, session, at);
        }
    });
}

void BackgroundJobs::write_repeats(audit::Repeats::Which which) {
    const auto moment = parts_.moments.now();
    const auto events = parts_.repeats.take(moment.monotonic, which);
    if (events.empty()) return;
    parts_.database.write([&](store::Tx& tx) {
        for (const auto& event : events) {
            audit::append(tx, moment, event);
        }
    });
}

void BackgroundJobs::forget_what_is_over() {
    const auto moment = parts_.moments.now();
    const auto policy = parts_.policy.get();
    parts_.database.write([&](store::Tx& tx) {
        authn::sweep(tx, moment);
        authn::sweep_issued(tx, moment);
        authn::expire_authenticators(tx, moment);
        authn::forget_overdue_mails(tx, moment);
        authn::warn_of_second_factor(tx, moment, *policy);
        session::sweep_handoffs(tx, moment);
        session::sweep_cli_codes(tx, moment);
    });
}

// Sessions end by durations, so a clock that is set back must not lengthen them. Set forward it
// ends them early, which is as well.
void BackgroundJobs::follow_steps(const Moment& moment, Duration step) {
    log::warning(
        "the clock was set",
        {{"by_seconds",
          std::to_string(std::chrono::duration_cast<std::chrono::seconds>(step).count())}}
    );
    write_activity();
    parts_.database.write([&](store::Tx& tx) {
        if (step < Duration(0)) session::set_back(tx, -step);
        audit::note_step(tx, moment, step);
    });
    if (step < Duration(0)) parts_.sessions.set_back(-step);
    steps_.accept(moment.now, moment.monotonic);
}

// The highest time is known here to the second, and stored a little later: enough to notice after
// a restart that the clock was set back.
void BackgroundJobs::watch_clock(bool store_it) {
    const auto moment = parts_.moments.now();
    const auto now = moment.now;
    auto step = steps_.look(now, moment.monotonic);
    if (!highest_) {
        highest_ = parts_.database.read([](store::Tx& tx) { return audit::highest_time(tx); });
        // Set back while nobody watched: at least by as much as is missing.
        step = std::min(Duration(0), now - highest_.value_or(now));
    }
    const bool stepped = std::chrono::abs(step) >= audit::clock_step_min;
    if (stepped) follow_steps(moment, step);
    const auto state = audit::assess_clock(highest_, now, time_source());
    parts_.moments.assess(state);
    if (state == ClockState::behind) {
        log::error(
            "the clock is behind the time already recorded: nothing new starts. Mend the clock; if "
            "it is "
            "right now and was ahead before, stop the server and run sallyport clock accept",
            {{"now", to_text(now)}}
        );
        return;
    }
    highest_ = std::max(highest_.value_or(now), now);
    // A jump is stored at once: whoever stops the server then and sets the clock back is seen too.
    if (!store_it && !stepped) return;
    parts_.database.write([now](store::Tx& tx) { static_cast<void>(audit::note_time(tx, now)); });
}

// At the start, when all keys are there, and later, since visits bring secrets of their own.
void BackgroundJobs::watch_memory() {
    const auto text = memory_.look(crypto::locked_memory());
    if (text) log::warning(*text);
}

}  // namespace sallyport::cli
