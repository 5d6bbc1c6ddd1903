#pragma once
// What badges do to the sessions of a workstation (S1-34, S1-35, S1-80): a tap or a badge that is
// taken away locks them, somebody else's tap locks whoever was there before, and badge and PIN open
// one's own again, there or at another workstation. Nobody's tap opens anybody else's.

#include "domain/authn/badge/badge_tap.h"
#include "domain/session/session.h"
#include "domain/session/unlock.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace sallyport::session {

// Open ones that belong to the workstation (note_workstation), without their children.
[[nodiscard]] std::vector<Session> open_at(
    store::Tx& tx, const directory::WorkstationId& workstation
);

enum class TapOutcome : std::uint8_t {
    asks_for_pin,
    locked,      // its person's own session: that was the tap to go
    not_proven,  // a badge with a key, and the card did not prove it
    unknown,     // nobody's card, or a badge that opens nothing now
};

struct Tapped {
    TapOutcome outcome;
    std::vector<SessionId> locked;  // for the caller to cut and to drop from the cache
};

// A card was put on the reader. Refuses what authn::record_tap does. Writes badge.tapped, and
// session.terminated and session.locked for each session that it locks.
[[nodiscard]] Result<Tapped> badge_tapped(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const authn::BadgeReader& reader,
    const authn::CardSeen& card,
    const audit::Where& where
);

// It was taken away, or the reader with it. Where badges stay, the workstation's sessions are
// locked; where they are tapped it means nothing. Writes badge.removed, and as above.
[[nodiscard]] std::vector<SessionId> badge_removed(
    store::Tx& tx, const Moment& moment, const authn::BadgeReader& reader, const audit::Where& where
);

struct BadgeUnlocked {
    Opened opened;
    std::vector<SessionId> locked;  // the person's own elsewhere, for the caller as above
};

// The holder's own session goes on here: the one that they left locked, or the one still open at
// another workstation, which is locked first. Refuses denied "badge.sign_in_first" (there is none,
// or it is outside check_unlock's bounds), and what unlock() does. Writes session.unlocked, and
// session.roamed with both workstations if it comes from another.
[[nodiscard]] Result<BadgeUnlocked> unlock_with_badge(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    authn::AuthenticationProof proof,
    const directory::Workstation& here,
    const audit::Where& where
);

// Who goes on in a browser of a workstation that held the session of this token. Whether it was
// somebody else's: then what the browser kept of it must go, and session.switch_user is written.
// One that is still open there is locked.
struct Switched {
    bool from_another = false;
    std::vector<SessionId> locked;
};

[[nodiscard]] Switched note_switch(
    store::Tx& tx,
    const Moment& moment,
    const std::optional<TokenDigest>& before,
    const Session& now_here,
    const audit::Where& where
);

}  // namespace sallyport::session
