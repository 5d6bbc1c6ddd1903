#include "domain/authn/security_key_store.h"

#include "base/crypto/secret.h"

namespace sallyport::authn {

using store::value;

namespace {

constexpr std::size_t user_handle_size = 32;

Bytes bytes_of(BytesView view) {
    return {view.begin(), view.end()};
}

std::optional<Bytes> find_user_handle(store::Tx& tx, const AccountId& account) {
    const auto rows =
        tx.query("SELECT handle FROM webauthn_user WHERE account_id = ?", {value(account)});
    if (rows.empty()) return std::nullopt;
    return rows.front().blob(0);
}

}  // namespace

Bytes user_handle_of(store::Tx& tx, const AccountId& account) {
    if (auto found = find_user_handle(tx, account)) return *std::move(found);
    insert_user_handle(tx, account, fresh_user_handle());
    return find_user_handle(tx, account).value();
}

Bytes fresh_user_handle() {
    const auto fresh = crypto::Secret::random(user_handle_size);
    return bytes_of(fresh.expose());
}

void insert_user_handle(store::Tx& tx, const AccountId& account, const Bytes& handle) {
    tx.execute(
        "INSERT INTO webauthn_user (account_id, handle) VALUES (?, ?) "
        "ON CONFLICT (account_id) DO NOTHING",
        {value(account), handle}
    );
}

void insert_security_key(
    store::Tx& tx,
    const AuthenticatorId& authenticator,
    const webauthn::Registration& registration,
    const std::string& transports
) {
    tx.execute(
        "INSERT INTO webauthn_credential (authenticator_id, credential_id, public_key, sign_count, "
        "user_verified, backup_eligible, backup_state, attestation_format, attestation_type, "
        "model_attested, transports) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {value(authenticator),
         registration.credential_id,
         registration.public_key,
         std::int64_t{registration.sign_count},
         std::int64_t{registration.user_verified},
         std::int64_t{registration.backup_eligible},
         std::int64_t{registration.backup_state},
         registration.attestation.format,
         std::string(webauthn::to_text(registration.attestation.type)),
         std::int64_t{registration.model_attested},
         transports}
    );
}

std::optional<SecurityKeyRow> find_security_key(store::Tx& tx, BytesView credential_id, Time now) {
    const auto rows = tx.query(
        "SELECT a.id, a.account_id, c.credential_id, c.public_key, c.sign_count, "
        "c.backup_eligible, u.handle FROM webauthn_credential c "
        "JOIN authenticator a ON a.id = c.authenticator_id "
        "JOIN webauthn_user u ON u.account_id = a.account_id "
        "WHERE c.credential_id = ? AND a.state = 'active' "
        "AND (a.expires_at IS NULL OR a.expires_at > ?)",
        {bytes_of(credential_id), value(now)}
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    return SecurityKeyRow{
        .authenticator = row.id<AuthenticatorId>(0),
        .account = row.id<AccountId>(1),
        .credential =
            {
                .id = row.blob(2),
                .public_key = row.blob(3),
                .sign_count = static_cast<std::uint32_t>(row.integer(4)),
                .backup_eligible = row.integer(5) != 0,
                .user_handle = row.blob(6),
            },
    };
}

bool is_registered(store::Tx& tx, BytesView credential_id) {
    return !tx.query(
                  "SELECT 1 FROM webauthn_credential WHERE credential_id = ?",
                  {bytes_of(credential_id)}
    )
                .empty();
}

std::vector<CredentialDescriptor> usable_security_keys(
    store::Tx& tx, const std::optional<AccountId>& account, Time now
) {
    const auto rows = tx.query(
        "SELECT c.credential_id, c.transports FROM webauthn_credential c "
        "JOIN authenticator a ON a.id = c.authenticator_id "
        "WHERE a.account_id = ? AND a.state = 'active' "
        "AND (a.expires_at IS NULL OR a.expires_at > ?) "
        "ORDER BY COALESCE(a.last_used_at, a.bound_at) DESC, a.id LIMIT ?",
        {account ? account->text() : std::string("nobody"),
         value(now),
         static_cast<std::int64_t>(security_keys_max)}
    );
    std::vector<CredentialDescriptor> found;
    found.reserve(rows.size());
    for (const auto& row : rows) {
        found.push_back({.id = row.blob(0), .transports = row.text(1)});
    }
    return found;
}

void note_assertion(
    store::Tx& tx, const AuthenticatorId& authenticator, const webauthn::Assertion& assertion
) {
    tx.execute(
        "UPDATE webauthn_credential SET sign_count = ?, backup_state = ? "
        "WHERE authenticator_id = ?",
        {std::int64_t{assertion.sign_count},
         std::int64_t{assertion.backup_state},
         value(authenticator)}
    );
}

}  // namespace sallyport::authn
