#pragma once
// Rows of badges.

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"

#include <optional>
#include <string>

namespace sallyport::authn {

// How a card's key is told from another.
[[nodiscard]] Bytes card_key_digest(BytesView spki);
// How a card's number is kept.
[[nodiscard]] Bytes badge_uid_mac(const keys::KeyRing& keys, BytesView uid);

// The badge that this card is now, whatever its state; none if it is nobody's, or was revoked.
[[nodiscard]] std::optional<AuthenticatorId> find_badge(store::Tx& tx, const Bytes& uid_mac);

struct BadgeRow {
    std::string pin_verifier;
    int wrong_pins = 0;                    // in a row
    std::optional<Bytes> card_key_digest;  // SHA-256 of the SPKI; none: its card says a number only
};

[[nodiscard]] std::optional<BadgeRow> find_badge_row(store::Tx& tx, const AuthenticatorId& id);
// `card_key`: SubjectPublicKeyInfo, if the card proved one.
void insert_badge(
    store::Tx& tx,
    const AuthenticatorId& id,
    const Bytes& uid_mac,
    const std::optional<Bytes>& card_key,
    const std::string& pin_verifier
);
// Forgets the wrong ones.
void set_badge_pin(store::Tx& tx, const AuthenticatorId& id, const std::string& pin_verifier);

// Counts an attempt as wrong in advance, so that parallel guesses don't all pass; false if none is
// left. `forget_wrong_pins` once it was right.
[[nodiscard]] bool charge_pin(store::Tx& tx, const AuthenticatorId& id);
void forget_wrong_pins(store::Tx& tx, const AuthenticatorId& id);

}  // namespace sallyport::authn
