#include "domain/authn/badge/badge_store.h"

#include "base/crypto/crypto.h"
#include "domain/authn/badge/badge_pin.h"

namespace sallyport::authn {

using store::value;

Bytes card_key_digest(BytesView spki) {
    const auto digest = crypto::sha256(spki);
    return {digest.begin(), digest.end()};
}

Bytes badge_uid_mac(const keys::KeyRing& keys, BytesView uid) {
    return keys.mac(keys::Purpose::badge_uid, uid);
}

std::optional<AuthenticatorId> find_badge(store::Tx& tx, const Bytes& uid_mac) {
    const auto rows = tx.query(
        "SELECT a.id FROM badge b JOIN authenticator a ON a.id = b.authenticator_id "
        "WHERE b.uid_mac = ? AND a.state <> 'revoked' ORDER BY a.id",
        {uid_mac}
    );
    if (rows.empty()) return std::nullopt;
    return rows.front().id<AuthenticatorId>(0);
}

std::optional<BadgeRow> find_badge_row(store::Tx& tx, const AuthenticatorId& id) {
    const auto rows = tx.query(
        "SELECT pin_verifier, wrong_pins, card_key_digest FROM badge WHERE authenticator_id = ?",
        {value(id)}
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    BadgeRow badge{
        .pin_verifier = row.text(0),
        .wrong_pins = static_cast<int>(row.integer(1)),
        .card_key_digest = std::nullopt,
    };
    if (!row.is_null(2)) badge.card_key_digest = row.blob(2);
    return badge;
}

void insert_badge(
    store::Tx& tx,
    const AuthenticatorId& id,
    const Bytes& uid_mac,
    const std::optional<Bytes>& card_key,
    const std::string& pin_verifier
) {
    const store::Value none(nullptr);
    tx.execute(
        "INSERT INTO badge (authenticator_id, uid_mac, card_key, card_key_digest, pin_verifier, "
        "wrong_pins) VALUES (?, ?, ?, ?, ?, 0)",
        {value(id),
         uid_mac,
         card_key ? store::Value(*card_key) : none,
         card_key ? store::Value(card_key_digest(*card_key)) : none,
         pin_verifier}
    );
}

void set_badge_pin(store::Tx& tx, const AuthenticatorId& id, const std::string& pin_verifier) {
    tx.execute(
        "UPDATE badge SET pin_verifier = ?, wrong_pins = 0 WHERE authenticator_id = ?",
        {pin_verifier, value(id)}
    );
}

bool charge_pin(store::Tx& tx, const AuthenticatorId& id) {
    return tx.execute(
               "UPDATE badge SET wrong_pins = wrong_pins + 1 "
               "WHERE authenticator_id = ? AND wrong_pins < ?",
               {value(id), std::int64_t{badge_wrong_pins_max}}
           ) == 1;
}

void forget_wrong_pins(store::Tx& tx, const AuthenticatorId& id) {
    tx.execute("UPDATE badge SET wrong_pins = 0 WHERE authenticator_id = ?", {value(id)});
}

}  // namespace sallyport::authn
