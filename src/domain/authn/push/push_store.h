#pragma once
// Rows of phones that answer sign-in questions.

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/core/time.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"
#include "domain/authn/push/push_subscription.h"

#include <optional>
#include <vector>

namespace sallyport::authn {

struct PhoneRow {
    AuthenticatorId authenticator;
    AccountId account;
    Bytes public_key;  // SPKI
};

// `token` is what the phone's browser will show to fetch its questions; only its digest is kept.
void insert_phone(
    store::Tx& tx, const keys::KeyRing& keys, const PhoneRow& row, const crypto::Secret& token
);
// The phone that shows this token, if it is usable at that time.
[[nodiscard]] std::optional<PhoneRow> find_phone(store::Tx& tx, BytesView token, Time now);
[[nodiscard]] bool is_phone_key_known(store::Tx& tx, BytesView public_key);

// How push messages reach the phone; null: it has to fetch its questions.
void set_subscription(
    store::Tx& tx,
    const keys::KeyRing& keys,
    const AuthenticatorId& phone,
    const PushSubscription* subscription
);

// Whether a message can be sent to the phone with this token.
[[nodiscard]] bool has_subscription(store::Tx& tx, BytesView token);

// A push message to be sent, and which phone it wakes.
struct PushDelivery {
    AuthenticatorId phone;
    PushSubscription to;
};

struct UsablePhone {
    AuthenticatorId authenticator;
    std::optional<PushSubscription> subscription;
};

// Those of the account that could answer at that time.
[[nodiscard]] std::vector<UsablePhone> usable_phones(
    store::Tx& tx, const keys::KeyRing& keys, const AccountId& account, Time now
);

}  // namespace sallyport::authn
