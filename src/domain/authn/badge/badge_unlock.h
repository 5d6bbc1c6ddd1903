#pragma once
// Badge and PIN: something that a person has and something that they know (S1-33, S1-34). Together
// they open again what was locked; they are no sign-in, and the proof says so: one factor, since a
// card's number can be copied.
//
//   begin_badge_pin(), answer() on the hash pool, finish_badge_pin()
//
// Then session::unlock_with_badge in the same transaction as the last.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authentication_proof.h"
#include "domain/authn/badge/badge_tap.h"
#include "domain/authn/context.h"

namespace sallyport::authn {

// What to hash the PIN against; the attempt is counted as wrong in advance. Refuses unauthenticated
// "badge.refused", with the reason in `detail`: nobody's card, a badge that is not usable, or one
// with no attempt left. Writes authn.failure.
[[nodiscard]] Result<PassphraseQuestion> begin_badge_pin(
    store::Tx& tx, const Moment& moment, const BadgeTap& tap, const audit::Where& where
);

// Uses the tap up if the PIN was right. The tenth wrong one in a row suspends the badge, and tells
// its holder. Refuses what begin_badge_pin() does, and expired "badge.tap_over". Writes
// authn.failure and cred.suspended; success is told by session::unlock_with_badge.
[[nodiscard]] Result<AuthenticationProof> finish_badge_pin(
    store::Tx& tx,
    const Moment& moment,
    const BadgeTap& tap,
    const PassphraseAnswer& answer,
    const audit::Where& where
);

}  // namespace sallyport::authn
