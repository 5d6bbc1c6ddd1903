#include "domain/session/unlock.h"

#include "base/crypto/crypto.h"
#include "domain/audit/log.h"
#include "domain/authn/recovery_code.h"
#include "domain/directory/account.h"
#include "domain/session/sender_key.h"
#include "domain/session/session_context.h"
#include "domain/session/session_row.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace sallyport::session {

namespace {

using store::value;

constexpr std::size_t token_size = 32;
constexpr std::size_t csrf_key_size = 32;

// Desks and homes are no clinical areas.
bool is_clinical(const policy::Segment& segment) {
    constexpr std::array clinical{
        policy::ZoneKind::consult_room, policy::ZoneKind::ward, policy::ZoneKind::pharmacy
    };
    return std::ranges::any_of(clinical, [&](auto kind) { return segment.is(kind); });
}

// The zone is named among those that the address is in.
bool is_in_zone(const policy::Policy& policy, std::string_view address, const std::string& zone) {
    const auto named = std::ranges::find(policy.zones, zone, &policy::Zone::name);
    const auto parsed = parse_ip_address(address);
    if (named == policy.zones.end() || !parsed) return false;
    return std::ranges::any_of(named->networks, [&](const IpNetwork& network) {
        return network.contains(*parsed);
    });
}

std::int64_t seconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

void insert_workstation_row(
    store::Tx& tx, const SessionId& session, const directory::WorkstationId& at, Time full_proof_at
) {
    tx.execute(
        "INSERT INTO session_workstation (session_id, workstation_id, full_proof_at) "
        "VALUES (?, ?, ?)",
        {value(session), value(at), value(full_proof_at)}
    );
}

constexpr std::string_view locking_causes =
    "s.end_cause IN ('idle', 'tap_out', 'switched', 'roamed')";

std::optional<LockedSession> as_locked(store::Tx& tx, const Session& ended) {
    const auto rows = tx.query(
        "SELECT workstation_id, full_proof_at FROM session_workstation "
        "WHERE session_id = ? AND unlocked_at IS NULL",
        {value(ended.id)}
    );
    if (rows.empty()) return std::nullopt;
    return LockedSession{
        .session = ended,
        .workstation = rows.front().id<directory::WorkstationId>(0),
        .full_proof_at = rows.front().time(1),
    };
}

Session continued(
    const LockedSession& locked,
    const policy::Timers& timers,
    const authn::AuthenticationProof& proof,
    const Context& context,
    const Moment& moment
) {
    auto session = locked.session;
    session.id = SessionId::fresh(moment.now, moment.random);
    // One factor keeps the level that the first proof reached, and makes nothing fresh.
    const auto aal = locked.session.factor.aal;
    session.factor = proof.factor();
    session.factor.aal = aal;
    session.created_at = moment.now;
    session.last_active_at = moment.now;
    session.idle_max = std::min<Duration>(locked.session.idle_max, timers.idle);
    session.source = context.where.source;
    const auto csrf_key = crypto::Secret::random(csrf_key_size);
    session.csrf_key = to_base64url(csrf_key.expose());
    session.zone = context.where.zone;
    session.limited = locked.session.limited || context.decision.limited;
    return session;
}

void write_unlocked(
    store::Tx& tx,
    const Moment& moment,
    const LockedSession& locked,
    const Session& session,
    const Context& context,
    const directory::Workstation& here
) {
    auto where = context.where;
    where.workstation = here.name;
    auto event = audit::event_by(
        holder_of(session, where), "session.unlocked", "unlock", "session:" + session.id.text()
    );
    event.fields = context.fields();
    event.fields.push_back({.name = "from_session", .value = locked.session.id.text()});
    event.fields.push_back({.name = "idle_limit_s", .value = seconds(session.idle_max)});
    event.fields.push_back(
        {.name = "absolute_left_s", .value = seconds(session.ends_at - moment.now)}
    );
    event.fields.push_back(
        {.name = "full_proof_age_s", .value = seconds(moment.now - locked.full_proof_at)}
    );
    audit::append(tx, moment, event);
}

// The session goes on as `session`, here; what was locked is over.
Opened take_over(
    store::Tx& tx,
    const Moment& moment,
    const LockedSession& locked,
    Session session,
    const directory::Workstation& here,
    const Context& context
) {
    auto token = crypto::Secret::random(token_size);
    insert_row(tx, session, digest_of(token.expose()));
    tx.execute(
        "UPDATE session_workstation SET unlocked_at = ? WHERE session_id = ?",
        {value(moment.now), value(locked.session.id)}
    );
    insert_workstation_row(tx, session.id, here.id, locked.full_proof_at);
    // Elsewhere it is another browser, which does not hold the key.
    if (locked.workstation == here.id) {
        carry_sender_key_over(tx, locked.session.id, session.id);
    }
    write_unlocked(tx, moment, locked, session, context, here);
    return Opened{.session = std::move(session), .token = std::move(token)};
}

}  // namespace

void note_workstation(
    store::Tx& tx,
    const policy::Policy& policy,
    const Session& session,
    const directory::Workstation& workstation
) {
    const auto* const role = policy.role(session.role);
    if (role == nullptr || role->unlock == Duration(0)) return;
    if (session.channel != Channel::web) return;
    if (session.proven < policy::Strength::two_factors) return;
    // One factor more would pass for the whole proof that a recovery code is not.
    if (authn::is_by_recovery_code(session.factor)) return;
    insert_workstation_row(tx, session.id, workstation.id, session.last_proof_at);
}

std::optional<LockedSession> find_locked(store::Tx& tx, const TokenDigest& digest) {
    const auto ended = select_ended(
        tx, "s.token_digest = ? AND " + std::string(locking_causes), {bytes_of(digest)}
    );
    if (ended.empty()) return std::nullopt;
    return as_locked(tx, ended.front());
}

std::optional<LockedSession> find_locked(store::Tx& tx, const AccountId& account, Time now) {
    auto ended = select_ended(
        tx,
        "s.account_id = ? AND s.ends_at > ? AND " + std::string(locking_causes) +
            " AND EXISTS (SELECT 1 FROM session_workstation w WHERE w.session_id = s.id "
            "AND w.unlocked_at IS NULL)",
        {value(account), value(now)}
    );
    // The one that was proven last is the one with the most time.
    std::optional<LockedSession> latest;
    for (const auto& each : ended) {
        auto locked = as_locked(tx, each);
        if (!latest || (locked && locked->full_proof_at >= latest->full_proof_at)) latest = locked;
    }
    return latest;
}

Result<void> check_unlock(
    const policy::Policy& policy,
    const LockedSession& locked,
    const directory::Workstation& here,
    std::string_view address,
    Time now,
    Roaming roaming
) {
    const auto* const role = policy.role(locked.session.role);
    if (role == nullptr || role->unlock == Duration(0)) {
        return refuse(Refusal::denied, "unlock.role");
    }
    if (now >= locked.session.ends_at) return refuse(Refusal::denied, "unlock.over");
    const auto age = now - locked.full_proof_at;
    if (age > role->unlock || age < Duration(0)) return refuse(Refusal::denied, "unlock.too_old");
    const bool may_be_here = roaming == Roaming::allowed || here.id == locked.workstation;
    const bool at_home = may_be_here && is_in_zone(policy, address, here.zone) &&
                         is_clinical(policy::segment_of(policy, address));
    if (!at_home) return refuse(Refusal::denied, "unlock.elsewhere");
    return {};
}

Result<Opened> unlock(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const LockedSession& locked,
    const UnlockPlace& here,
    authn::AuthenticationProof proof,
    const audit::Where& where
) {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    if (proof.account() != locked.session.account) {
        return refuse(Refusal::denied, "session.other_account");
    }
    SP_CHECK(check_unlock(policy, locked, here.workstation, where.source, moment.now, here.roaming)
    );
    const auto account = directory::find_account(tx, locked.session.account);
    const bool same = account && account->state == directory::AccountState::active &&
                      account->role == locked.session.role;
    const auto* const role = policy.role(locked.session.role);
    if (!same || role == nullptr) return refuse(Refusal::denied, "account.not_active");
    auto at = where;
    at.workstation = here.workstation.name;
    const Context context(tx, policy, *role, at, moment.now);
    SP_CHECK(check_context(tx, moment, *account, locked.session.proven, proof.factor(), context));

    const auto timers = policy::timers_for(policy, *role, context.facts.segment);
    return take_over(
        tx,
        moment,
        locked,
        continued(locked, timers, proof, context, moment),
        here.workstation,
        context
    );
}

}  // namespace sallyport::session
