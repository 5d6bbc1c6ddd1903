#include "domain/authn/push/push_store.h"

#include "base/crypto/crypto.h"

namespace sallyport::authn {

using store::value;

namespace {

Bytes digest_of(BytesView token) {
    const auto digest = crypto::sha256(token);
    return {digest.begin(), digest.end()};
}

}  // namespace

void insert_phone(
    store::Tx& tx, const keys::KeyRing& keys, const PhoneRow& row, const crypto::Secret& token
) {
    tx.execute(
        "INSERT INTO push_phone (authenticator_id, public_key, token_digest, key_version) "
        "VALUES (?, ?, ?, ?)",
        {value(row.authenticator), row.public_key, digest_of(token.expose()), keys.version()}
    );
}

std::optional<PhoneRow> find_phone(store::Tx& tx, BytesView token, Time now) {
    const auto rows = tx.query(
        "SELECT a.id, a.account_id, p.public_key FROM push_phone p "
        "JOIN authenticator a ON a.id = p.authenticator_id "
        "WHERE p.token_digest = ? AND a.state = 'active' "
        "AND (a.expires_at IS NULL OR a.expires_at > ?)",
        {digest_of(token), value(now)}
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    return PhoneRow{
        .authenticator = row.id<AuthenticatorId>(0),
        .account = row.id<AccountId>(1),
        .public_key = row.blob(2),
    };
}

bool is_phone_key_known(store::Tx& tx, BytesView public_key) {
    const Bytes key(public_key.begin(), public_key.end());
    return !tx.query("SELECT 1 FROM push_phone WHERE public_key = ?", {key}).empty();
}

void set_subscription(
    store::Tx& tx,
    const keys::KeyRing& keys,
    const AuthenticatorId& phone,
    const PushSubscription* subscription
) {
    store::Value sealed = nullptr;
    if (subscription != nullptr) {
        const auto stored = subscription->to_stored();
        sealed = keys.seal(keys::Purpose::push_subscription, phone.text(), stored.expose());
    }
    tx.execute(
        "UPDATE push_phone SET sealed_subscription = ?, key_version = ? WHERE authenticator_id = ?",
        {std::move(sealed), keys.version(), value(phone)}
    );
}

bool has_subscription(store::Tx& tx, BytesView token) {
    const auto rows = tx.query(
        "SELECT 1 FROM push_phone WHERE token_digest = ? AND sealed_subscription IS NOT NULL",
        {digest_of(token)}
    );
    return !rows.empty();
}

std::vector<UsablePhone> usable_phones(
    store::Tx& tx, const keys::KeyRing& keys, const AccountId& account, Time now
) {
    const auto rows = tx.query(
        "SELECT a.id, p.sealed_subscription FROM push_phone p "
        "JOIN authenticator a ON a.id = p.authenticator_id "
        "WHERE a.account_id = ? AND a.state = 'active' "
        "AND (a.expires_at IS NULL OR a.expires_at > ?) ORDER BY a.id",
        {value(account), value(now)}
    );
    std::vector<UsablePhone> phones;
    phones.reserve(rows.size());
    for (const auto& row : rows) {
        UsablePhone phone{.authenticator = row.id<AuthenticatorId>(0), .subscription = {}};
        if (!row.is_null(1)) {
            phone.subscription = PushSubscription::from_stored(keys.unseal(
                keys::Purpose::push_subscription, phone.authenticator.text(), row.blob(1)
            ));
        }
        phones.push_back(std::move(phone));
    }
    return phones;
}

}  // namespace sallyport::authn
