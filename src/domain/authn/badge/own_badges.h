#pragma once
// A person's own badges, bound while signed in at a workstation whose reader just saw the card:
//
//   the card on the reader, check_new_badge(), make_pin_verifier() on the hash pool,
//   bind_badge()
//
// Renaming, suspending, revoking and expiry are authenticator.h's; permission and step-up the
// caller's.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authenticator.h"
#include "domain/authn/badge/badge_tap.h"
#include "domain/authn/context.h"
#include "domain/directory/workstation.h"
#include "domain/policy/policy.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

inline constexpr std::size_t badges_max = 3;  // not revoked, of one account

struct OwnBadge {
    Authenticator authenticator;
    bool proves_itself = false;  // by its card's key; else the card says a number only
};

// Those that are not revoked.
[[nodiscard]] std::vector<OwnBadge> list_own_badges(store::Tx& tx, const AccountId& account);

// Who binds it, and the workstation whose reader has the card.
struct BadgeBinder {
    AccountId account;
    directory::WorkstationId workstation;
};

struct NewBadge {
    std::string label;
    BadgeTapId tap;  // of the card
};

// Whether this card can become a badge of that account. Refuses denied "badge.role" (only roles
// with an unlock have badges), expired "badge.tap_over", conflict "badge.somebodys",
// "badge.too_many_own", "identity.not_proofed", invalid "authenticator.label_malformed". Changes
// nothing.
[[nodiscard]] Result<BadgeTap> check_new_badge(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const BadgeBinder& binder,
    const NewBadge& wanted
);

// `pin_verifier`: of a PIN that check_new_badge_pin() takes. Refuses what check_new_badge() does.
// Uses the tap up. A key that the card proved in it is asked for from then on. Writes cred.bound.
[[nodiscard]] Result<AuthenticatorId> bind_badge(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const BadgeBinder& binder,
    const NewBadge& wanted,
    const std::string& pin_verifier,
    const audit::Actor& actor
);

// Also the way back after ten wrong ones: a badge that they suspended may be resumed once it has
// another PIN. Refuses not_found "authenticator.unknown" (somebody else's, or no badge), conflict
// "authenticator.revoked". Writes cred.pin_set.
[[nodiscard]] Result<void> change_badge_pin(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const AuthenticatorId& id,
    const std::string& pin_verifier,
    const audit::Actor& actor
);

// Asked before an authenticator is resumed; others than badges always may be. Refuses conflict
// "badge.pin_blocked": its PIN was wrong ten times, so it needs another first.
[[nodiscard]] Result<void> check_badge_resumable(store::Tx& tx, const AuthenticatorId& id);

}  // namespace sallyport::authn
