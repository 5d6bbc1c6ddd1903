// How sessions end.

#include "domain/audit/log.h"
#include "domain/session/session.h"
#include "domain/session/session_row.h"

#include <algorithm>
#include <array>

namespace sallyport::session {

using store::value;

namespace {

constexpr std::array<std::string_view, 10> cause_texts = {
    "logout",
    "admin",
    "revocation",
    "role_change",
    "idle",
    "absolute",
    "token_in_url",
    "tap_out",
    "switched",
    "roamed",
};

std::int64_t seconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

bool is_limit(EndCause cause) {
    return cause == EndCause::idle || cause == EndCause::absolute;
}

// A limit ends the session, not a person: the event is about its holder, and says which part of
// Sallyport noticed.
audit::Event limit_event(const Session& session, EndCause cause, const audit::Actor& by, Time now) {
    auto actor = holder_of(session, by.where);
    actor.who.system = by.who.system.empty() ? "session-timer" : by.who.system;
    const bool idle = cause == EndCause::idle;
    auto event = audit::event_by(
        actor,
        idle ? "session.expired_idle" : "session.expired_absolute",
        "expire",
        "session:" + session.id.text()
    );
    const auto limit = idle ? session.idle_max : session.ends_at - session.created_at;
    const auto reached = now - (idle ? session.last_active_at : session.created_at);
    event.fields = {
        {.name = "limit_s", .value = seconds(limit)},
        {.name = idle ? "idle_s" : "age_s", .value = seconds(reached)},
    };
    return event;
}

audit::Event end_event(const Session& session, EndCause cause, const audit::Actor& by) {
    auto event = audit::event_by(by, "session.terminated", "end", "session:" + session.id.text());
    event.session = session.id;
    event.fields = {
        {.name = "cause", .value = std::string(to_text(cause))},
        {.name = "account", .value = session.account.text()},
    };
    return event;
}

// What it can be opened again from, if it is a workstation's.
bool is_lock(EndCause cause) {
    return cause == EndCause::idle || cause == EndCause::tap_out || cause == EndCause::switched ||
           cause == EndCause::roamed;
}

bool may_be_unlocked(store::Tx& tx, const SessionId& id) {
    const auto* const sql =
        "SELECT 1 FROM session_workstation WHERE session_id = ? AND unlocked_at IS NULL";
    return !tx.query(sql, {value(id)}).empty();
}

// At a workstation of a clinical area idleness and badges lock: unlock.h opens it again.
void write_locked(
    store::Tx& tx,
    const Moment& moment,
    const Session& session,
    EndCause cause,
    const audit::Actor& by
) {
    auto actor = holder_of(session, by.where);
    actor.who.system = by.who.system;
    auto event = audit::event_by(actor, "session.locked", "lock", "session:" + session.id.text());
    event.fields = {{.name = "cause", .value = std::string(to_text(cause))}};
    audit::append(tx, moment, event);
}

// No session of these is unlocked any more. `condition` is over session.
void forget_locked(
    store::Tx& tx,
    const Moment& moment,
    const std::string& condition,
    std::vector<store::Value> parameters
) {
    parameters.insert(parameters.begin(), value(moment.now));
    tx.execute(
        "UPDATE session_workstation SET unlocked_at = ? WHERE unlocked_at IS NULL AND session_id "
        "IN (SELECT id FROM session WHERE " +
            condition + ")",
        parameters
    );
}

// The cause for which its time has come, if it has.
std::optional<EndCause> limit_reached(const Session& session, Time now) {
    if (now >= session.ends_at) return EndCause::absolute;
    if (now - session.last_active_at >= session.idle_max) return EndCause::idle;
    return std::nullopt;
}

std::vector<SessionId> children_of(store::Tx& tx, const SessionId& id) {
    std::vector<SessionId> ids;
    for (const auto& child :
         select_open(tx, "(s.parent_id = ? OR s.browser_id = ?)", {value(id), value(id)})) {
        ids.push_back(child.id);
    }
    return ids;
}

}  // namespace

std::string_view to_text(EndCause cause) noexcept {
    return cause_texts[static_cast<std::size_t>(cause)];
}

Result<void> check_alive(const Session& session, Time now) {
    const auto cause = limit_reached(session, now);
    if (!cause) return {};
    if (*cause == EndCause::absolute) {
        return refuse(Refusal::unauthenticated, "session.expired_absolute");
    }
    return refuse(Refusal::unauthenticated, "session.expired_idle");
}

Result<Session> resume(store::Tx& tx, const Moment& moment, const TokenDigest& digest) {
    auto found = find(tx, digest);
    if (!found) return refuse(Refusal::unauthenticated, "session.unknown");
    if (auto alive = check_alive(*found, moment.now); !alive) {
        const auto cause = limit_reached(*found, moment.now).value();
        // The timer is the sign-in's: it ends with all its hosts.
        const auto root = found->parent ? find(tx, *found->parent) : found;
        if (root) end(tx, moment, *root, cause, audit::system_actor("session-timer"));
        return std::unexpected(std::move(alive).error());
    }
    return *std::move(found);
}

bool end(
    store::Tx& tx,
    const Moment& moment,
    const Session& session,
    EndCause cause,
    const audit::Actor& by
) {
    const auto current = find(tx, session.id);
    if (!current) return false;
    if (is_limit(cause)) {
        const auto reached = limit_reached(*current, moment.now);
        if (!reached) return false;
        cause = *reached;
    }
    tx.execute(
        "UPDATE session SET ended_at = ?, end_cause = ? "
        "WHERE (id = ? OR parent_id = ? OR browser_id = ?) AND ended_at IS NULL",
        {value(moment.now),
         std::string(to_text(cause)),
         value(session.id),
         value(session.id),
         value(session.id)}
    );
    audit::append(
        tx,
        moment,
        is_limit(cause) ? limit_event(*current, cause, by, moment.now)
                        : end_event(*current, cause, by)
    );
    if (is_lock(cause) && may_be_unlocked(tx, session.id)) {
        write_locked(tx, moment, *current, cause, by);
    }
    return true;
}

std::vector<SessionId> end_all(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    EndCause cause,
    const audit::Actor& by
) {
    const auto open_ones = list_open(tx, account);
    std::vector<SessionId> ended;
    for (const auto& session : open_ones) {
        ended.push_back(session.id);
        // A child ends with its parent, which is in the list too.
        if (!session.parent) end(tx, moment, session, cause, by);
    }
    forget_locked(tx, moment, "account_id = ?", {value(account)});
    return ended;
}

std::vector<SessionId> end_expired(store::Tx& tx, const Moment& moment) {
    const auto due = select_open(
        tx,
        "s.parent_id IS NULL AND s.browser_id IS NULL "
        "AND (s.ends_at <= ? OR s.last_active_at + s.idle_max <= ?)",
        {value(moment.now), value(moment.now)}
    );
    const auto timer = audit::system_actor("session-timer");
    std::vector<SessionId> ended;
    for (const auto& session : due) {
        const auto cause = limit_reached(session, moment.now);
        if (!cause) continue;
        auto children = children_of(tx, session.id);
        if (!end(tx, moment, session, *cause, timer)) continue;
        ended.push_back(session.id);
        ended.insert(ended.end(), children.begin(), children.end());
    }
    return ended;
}

std::size_t end_everybody(
    store::Tx& tx, const Moment& moment, EndCause cause, const audit::Actor& by
) {
    const auto sign_ins = select_open(tx, "s.parent_id IS NULL AND s.browser_id IS NULL");
    for (const auto& session : sign_ins) {
        end(tx, moment, session, cause, by);
    }
    tx.execute("DELETE FROM handoff_code WHERE used_at IS NULL");
    tx.execute("DELETE FROM cli_code WHERE used_at IS NULL");
    forget_locked(tx, moment, "1 = 1", {});
    return sign_ins.size();
}

void set_back(store::Tx& tx, Duration step) {
    // The ends of what is locked are not moved, so none of it is opened again.
    tx.execute(
        "DELETE FROM session_workstation WHERE unlocked_at IS NULL AND session_id IN "
        "(SELECT id FROM session WHERE ended_at IS NOT NULL)"
    );
    tx.execute(
        "UPDATE session_workstation SET full_proof_at = full_proof_at - ?",
        {std::int64_t{step.count()}}
    );
    tx.execute(
        "UPDATE session SET created_at = created_at - ?, ends_at = ends_at - ?, "
        "last_active_at = last_active_at - ?, last_proof_at = last_proof_at - ?, "
        "signed_in_at = signed_in_at - ? "
        "WHERE ended_at IS NULL",
        {std::int64_t{step.count()},
         std::int64_t{step.count()},
         std::int64_t{step.count()},
         std::int64_t{step.count()},
         std::int64_t{step.count()}}
    );
}

}  // namespace sallyport::session
