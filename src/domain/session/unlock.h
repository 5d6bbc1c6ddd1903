#pragma once
// What idleness ended at a workstation of a clinical area, one factor may open again (S1-33): the
// same person, in the same browser, at the same workstation in its zone, inside the hard cap, and
// not too long after all factors were shown (SP 800-63B-4 §2.2.3). With badge and PIN it may be
// another browser and another such workstation (badge_sessions.h). Anything else is a sign-in.

#include "domain/directory/workstation.h"
#include "domain/session/session.h"

#include <cstdint>
#include <optional>

namespace sallyport::session {

struct LockedSession {
    Session session;  // as it ended
    directory::WorkstationId workstation;
    Time full_proof_at;  // when all factors were last shown; an unlock does not count
};

// Notes that a session that was just opened with all its role's factors belongs to a workstation:
// idleness will lock it. For roles that have no unlock this does nothing.
void note_workstation(
    store::Tx& tx,
    const policy::Policy& policy,
    const Session& session,
    const directory::Workstation& workstation
);

// By the token that it had: locked at a workstation, by idleness or a badge, and not unlocked
// since.
[[nodiscard]] std::optional<LockedSession> find_locked(store::Tx& tx, const TokenDigest& digest);
// Of what the account left locked, at whatever workstation, the one with the latest full proof.
[[nodiscard]] std::optional<LockedSession> find_locked(
    store::Tx& tx, const AccountId& account, Time now
);

enum class Roaming : std::uint8_t { no, allowed };  // to another workstation of a clinical zone

// Where somebody wants to go on.
struct UnlockPlace {
    const directory::Workstation& workstation;
    Roaming roaming = Roaming::no;
};

// Refuses denied "unlock.elsewhere" (another workstation, or one that is not in its zone), "unlock.
// too_old" (full_proof_at), "unlock.over" (the hard cap), "unlock.role". Pure.
[[nodiscard]] Result<void> check_unlock(
    const policy::Policy& policy,
    const LockedSession& locked,
    const directory::Workstation& here,
    std::string_view address,
    Time now,
    Roaming roaming = Roaming::no
);

// A session with the rest of the locked one's time, its proof, its age and its sender key; the
// locked one is unlocked once. Refuses what check_unlock refuses, denied "session.other_account",
// "account.not_active", "clock.behind", and what the context refuses. Writes session.unlocked.
[[nodiscard]] Result<Opened> unlock(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const LockedSession& locked,
    const UnlockPlace& here,
    authn::AuthenticationProof proof,
    const audit::Where& where
);

}  // namespace sallyport::session
