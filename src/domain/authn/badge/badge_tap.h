#pragma once
// A card was put on the reader of a workstation. That says whose PIN is asked for there, for a
// short while and once; it opens nothing.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/badge/badge_reader.h"
#include "domain/authn/badge/card_proof.h"

#include <chrono>
#include <optional>
#include <string>

namespace sallyport::authn {

using BadgeTapId = Id<struct BadgeTapKind>;

inline constexpr std::chrono::seconds tap_life{30};
// Of a badge that lies on the reader: taking it away spends the tap at once.
inline constexpr std::chrono::seconds stay_life{120};
// Of cards that are nobody's, at one workstation within a minute: whoever tries numbers is slowed
// down. Further ones are refused and leave no event.
inline constexpr int unknown_taps_max = 20;

struct TappedBadge {
    AuthenticatorId id;
    AccountId account;
    std::string role;
    std::string first_name;  // the only thing that is shown before the PIN
    bool proven = false;     // the card proved the badge's key, or the badge has none
    bool usable = false;     // else not proven, suspended, expired, or the account is not active
};

// What the log hears of one that is not usable.
[[nodiscard]] Reason why_unusable(const TappedBadge& badge) noexcept;

struct BadgeTap {
    BadgeTapId id;
    directory::WorkstationId workstation;
    Bytes uid_mac;
    std::optional<Bytes> card_key;     // that the card proved; SubjectPublicKeyInfo
    std::optional<TappedBadge> badge;  // none: nobody's card
    Time ends_at;
};

// What a reader tells of a card.
struct CardSeen {
    Bytes uid;
    std::optional<CardProof> proof = {};  // of a card that has a key
};

// For the next card at this reader: good once and there, for tap_challenge_life.
[[nodiscard]] Bytes tap_challenge(
    const keys::KeyRing& keys, const Moment& moment, const BadgeReader& reader
);

// The tap before it is spent. A proof that does not hold counts as none: then the card has said a
// number, and a badge that has a key is not proven by that. Refuses invalid "badge.uid_malformed",
// "badge.uid_random", throttled "badge.too_many". Writes badge.tapped, with whose badge it is.
[[nodiscard]] Result<BadgeTap> record_tap(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const BadgeReader& reader,
    const CardSeen& card,
    const audit::Where& where
);

// The one that waits there for a PIN. Refuses expired "badge.tap_over".
[[nodiscard]] Result<BadgeTap> pending_tap(
    store::Tx& tx, const directory::WorkstationId& workstation, Time now
);
// False if it is spent already.
[[nodiscard]] bool spend_tap(store::Tx& tx, const BadgeTapId& id, Time now);
// Whatever waits at the workstation.
void spend_taps_at(store::Tx& tx, const directory::WorkstationId& workstation, Time now);

}  // namespace sallyport::authn
