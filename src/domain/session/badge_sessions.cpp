#include "domain/session/badge_sessions.h"

#include "domain/audit/log.h"
#include "domain/session/session_row.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sallyport::session {

using store::value;

namespace {

using directory::Workstation;
using directory::WorkstationId;

// Those that are at a workstation, which is why they can be locked.
struct Seated {
    Session session;
    WorkstationId workstation;
};

std::optional<WorkstationId> seat_of(store::Tx& tx, const SessionId& id) {
    const auto rows = tx.query(
        "SELECT workstation_id FROM session_workstation WHERE session_id = ?", {value(id)}
    );
    if (rows.empty()) return std::nullopt;
    return rows.front().id<WorkstationId>(0);
}

std::vector<Seated> open_of(store::Tx& tx, const AccountId& account) {
    std::vector<Seated> found;
    for (auto& session : list_open(tx, account)) {
        if (auto seat = seat_of(tx, session.id)) found.emplace_back(std::move(session), *seat);
    }
    return found;
}

void lock(
    store::Tx& tx,
    const Moment& moment,
    const Session& session,
    EndCause cause,
    const audit::Actor& by,
    std::vector<SessionId>& locked
) {
    if (end(tx, moment, session, cause, by)) locked.push_back(session.id);
}

void write_roamed(
    store::Tx& tx,
    const Moment& moment,
    const LockedSession& from,
    const Session& session,
    const Workstation& here,
    audit::Where where
) {
    where.workstation = here.name;
    where.zone = session.zone;
    auto event = audit::event_by(
        holder_of(session, where), "session.roamed", "roam", "session:" + session.id.text()
    );
    event.fields = {
        {.name = "from_workstation", .value = from.workstation.text()},
        {.name = "to_workstation", .value = here.id.text()},
        {.name = "from_session", .value = from.session.id.text()},
    };
    audit::append(tx, moment, event);
}

std::optional<Session> of_token(store::Tx& tx, const TokenDigest& digest) {
    if (auto open = find(tx, digest)) return open;
    auto ended = select_ended(tx, "s.token_digest = ?", {bytes_of(digest)});
    if (ended.empty()) return std::nullopt;
    return std::move(ended.front());
}

}  // namespace

std::vector<Session> open_at(store::Tx& tx, const WorkstationId& workstation) {
    return select_open(
        tx,
        "EXISTS (SELECT 1 FROM session_workstation w WHERE w.session_id = s.id "
        "AND w.workstation_id = ?)",
        {value(workstation)}
    );
}

Result<Tapped> badge_tapped(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const authn::BadgeReader& reader,
    const authn::CardSeen& card,
    const audit::Where& where
) {
    SP_TRY(const auto tap, authn::record_tap(tx, moment, keys, reader, card, where));
    Tapped tapped{.outcome = TapOutcome::unknown, .locked = {}};
    if (!tap.badge) return tapped;
    const auto actor = authn::reader_actor(reader, where);
    for (const auto& session : open_at(tx, reader.workstation.id)) {
        const bool own = session.account == tap.badge->account;
        // A badge that is suspended or not proven still takes its own person's session away, and
        // nobody else's.
        if (!own && !tap.badge->usable) continue;
        if (own && reader.mode == authn::ReaderMode::stay) continue;
        lock(
            tx, moment, session, own ? EndCause::tap_out : EndCause::switched, actor, tapped.locked
        );
        if (own) tapped.outcome = TapOutcome::locked;
    }
    if (tapped.outcome == TapOutcome::locked) {
        authn::spend_taps_at(tx, reader.workstation.id, moment.now);
    } else if (tap.badge->usable) {
        tapped.outcome = TapOutcome::asks_for_pin;
    } else if (!tap.badge->proven) {
        tapped.outcome = TapOutcome::not_proven;
    }
    return tapped;
}

std::vector<SessionId> badge_removed(
    store::Tx& tx, const Moment& moment, const authn::BadgeReader& reader, const audit::Where& where
) {
    const auto& workstation = reader.workstation;
    const auto actor = authn::reader_actor(reader, where);
    auto event = audit::event_by(
        actor, "badge.removed", "take_away", "workstation:" + workstation.id.text()
    );
    event.fields = {{.name = "mode", .value = std::string(to_text(reader.mode))}};
    audit::append(tx, moment, event);
    std::vector<SessionId> locked;
    if (reader.mode != authn::ReaderMode::stay) return locked;
    authn::spend_taps_at(tx, workstation.id, moment.now);
    for (const auto& session : open_at(tx, workstation.id)) {
        lock(tx, moment, session, EndCause::tap_out, actor, locked);
    }
    return locked;
}

Result<BadgeUnlocked> unlock_with_badge(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    authn::AuthenticationProof proof,
    const Workstation& here,
    const audit::Where& where
) {
    const auto account = proof.account();
    std::vector<SessionId> locked;
    for (const auto& [session, seat] : open_of(tx, account)) {
        const auto cause = seat == here.id ? EndCause::tap_out : EndCause::roamed;
        lock(tx, moment, session, cause, holder_of(session, where), locked);
    }
    const auto left = find_locked(tx, account, moment.now);
    const bool may_go_on =
        left && check_unlock(policy, *left, here, where.source, moment.now, Roaming::allowed);
    if (!may_go_on) return refuse(Refusal::denied, "badge.sign_in_first");
    SP_TRY(
        auto opened,
        unlock(tx, moment, policy, *left, {here, Roaming::allowed}, std::move(proof), where)
    );
    if (left->workstation != here.id) {
        write_roamed(tx, moment, *left, opened.session, here, where);
    }
    return BadgeUnlocked{.opened = std::move(opened), .locked = std::move(locked)};
}

Switched note_switch(
    store::Tx& tx,
    const Moment& moment,
    const std::optional<TokenDigest>& before,
    const Session& now_here,
    const audit::Where& where
) {
    Switched switched;
    const auto previous = before ? of_token(tx, *before) : std::nullopt;
    if (!previous || previous->account == now_here.account) return switched;
    switched.from_another = true;
    const auto actor = holder_of(now_here, where);
    lock(tx, moment, *previous, EndCause::switched, actor, switched.locked);
    auto event = audit::event_by(
        actor, "session.switch_user", "switch_user", "session:" + now_here.id.text()
    );
    event.fields = {
        {.name = "from_session", .value = previous->id.text()},
        {.name = "to_session", .value = now_here.id.text()},
    };
    audit::append(tx, moment, event);
    return switched;
}

}  // namespace sallyport::session
