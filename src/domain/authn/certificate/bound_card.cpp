#include "domain/authn/certificate/bound_card.h"

#include "domain/authn/authenticator_store.h"

namespace sallyport::authn {

using store::value;

audit::Factor factor_of(const AcceptedCard& card) {
    constexpr int hardware_bound = 3;
    constexpr int multi_factor = 2;
    return {
        .amr = std::string(card.key_in_hardware ? "sc" : "pop") + (card.pin_asked ? "+pin" : ""),
        .aal = card.key_in_hardware && card.pin_asked ? hardware_bound : multi_factor,
        .authenticator_id = card.id.text(),
        .phishing_resistant = true,
        .age = Duration(0),
    };
}

Result<AcceptedCard> accept_bound_card(
    store::Tx& tx,
    const Moment& moment,
    const PresentedCard& card,
    const std::optional<AccountId>& account
) {
    const auto rows = tx.query(
        "SELECT a.id, a.account_id FROM certificate_credential c "
        "JOIN authenticator a ON a.id = c.authenticator_id "
        "WHERE c.fingerprint = ? AND a.state = 'active' "
        "AND (a.expires_at IS NULL OR a.expires_at > ?)",
        {card.fingerprint, value(moment.now)}
    );
    if (rows.empty()) return refuse(Refusal::unauthenticated, "card.unknown");
    const AcceptedCard accepted{
        .id = rows.front().id<AuthenticatorId>(0),
        .account = rows.front().id<AccountId>(1),
        .key_in_hardware = card.key_in_hardware,
        .pin_asked = card.pin_asked,
    };
    if (account && accepted.account != *account) {
        return refuse(Refusal::unauthenticated, "card.unknown");
    }
    tx.execute(
        "UPDATE certificate_credential SET key_in_hardware = ?, pin_asked = ? "
        "WHERE authenticator_id = ?",
        {std::int64_t{card.key_in_hardware}, std::int64_t{card.pin_asked}, value(accepted.id)}
    );
    note_used(tx, accepted.id, moment.now);
    return accepted;
}

bool is_bound(store::Tx& tx, const PresentedCard& card) {
    const auto people = tx.query(
        "SELECT 1 FROM certificate_credential "
        "WHERE fingerprint = ? OR key_digest = ? OR (issuer_key = ? AND serial = ?)",
        {card.fingerprint, card.key_digest, card.issuer_key, card.serial}
    );
    if (!people.empty()) return true;
    const auto machines = tx.query(
        "SELECT 1 FROM workstation_certificate m JOIN workstation w ON w.id = m.workstation_id "
        "WHERE (m.fingerprint = ? OR m.key_digest = ?) AND w.removed_at IS NULL",
        {card.fingerprint, card.key_digest}
    );
    return !machines.empty();
}

void insert_card(store::Tx& tx, const AuthenticatorId& authenticator, const PresentedCard& card) {
    tx.execute(
        "INSERT INTO certificate_credential (authenticator_id, fingerprint, key_digest, "
        "issuer_key, serial, subject, key_in_hardware, pin_asked) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {value(authenticator),
         card.fingerprint,
         card.key_digest,
         card.issuer_key,
         card.serial,
         card.subject,
         std::int64_t{card.key_in_hardware},
         std::int64_t{card.pin_asked}}
    );
}

std::size_t count_usable_cards(store::Tx& tx, const AccountId& account, Time now) {
    const auto rows = tx.query(
        "SELECT COUNT(*) FROM authenticator WHERE account_id = ? AND kind = 'certificate' "
        "AND state = 'active' AND (expires_at IS NULL OR expires_at > ?)",
        {value(account), value(now)}
    );
    return static_cast<std::size_t>(rows.front().integer(0));
}

}  // namespace sallyport::authn
