#include "domain/authn/badge/badge_store.h"

#include "domain/authn/badge/badge_pin.h"

namespace sallyport::authn {

using store::value;

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
        "SELECT pin_verifier, wrong_pins FROM badge WHERE authenticator_id = ?", {value(id)}
    );
    if (rows.empty()) return std::nullopt;
    return BadgeRow{
        .pin_verifier = rows.front().text(0),
        .wrong_pins = static_cast<int>(rows.front().integer(1)),
    };
}

void insert_badge(
    store::Tx& tx, const AuthenticatorId& id, const Bytes& uid_mac, const std::string& pin_verifier
) {
    tx.execute(
        "INSERT INTO badge (authenticator_id, uid_mac, pin_verifier, wrong_pins) "
        "VALUES (?, ?, ?, 0)",
        {value(id), uid_mac, pin_verifier}
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
