#pragma once
// Challenges of WebAuthn ceremonies (Level 3 §13.4.3), of the handoff, which is signed too
// (session/handoff.h), and of cards with a key (badge/card_proof.h). They authenticate themselves,
// so that asking for one writes nothing: anybody may open the sign-in page, as often as they like.
// Each is good once, for one purpose, for one holder (a browser, a session, a workstation), for a
// short while; only that it was used is stored.

#include "base/core/bytes.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"

#include <chrono>
#include <cstdint>

namespace sallyport::authn {

inline constexpr std::chrono::minutes challenge_life{5};
// Of `badge_tap`: nobody reads anything, a card answers at once.
inline constexpr std::chrono::seconds tap_challenge_life{10};

enum class ChallengePurpose : std::uint8_t {
    sign_in,
    second_factor,
    step_up,
    registration,
    handoff,
    badge_tap,
    unlock,
};

// `holder`: what the ceremony's answer has to come with, e.g. the digest of a flow's token.
[[nodiscard]] Bytes make_challenge(
    const keys::KeyRing& keys, const Moment& moment, ChallengePurpose purpose, BytesView holder
);

// Uses it up, whatever else its ceremony comes to: write it outside what a refusal takes back.
// Refuses unauthenticated "webauthn.challenge" (not ours, or for another purpose or holder),
// "webauthn.challenge_over", "webauthn.challenge_spent".
[[nodiscard]] Result<void> spend_challenge(
    store::Tx& tx,
    const keys::KeyRing& keys,
    const Moment& moment,
    ChallengePurpose purpose,
    BytesView holder,
    BytesView challenge
);

// Forgets those that are over by time. For a job.
void sweep_challenges(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::authn
