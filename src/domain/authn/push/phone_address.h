#pragma once
// How push messages reach a phone that is enrolled; without, its page has to be open.

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/push/push_subscription.h"

namespace sallyport::authn {

// For the phone with this token (own_phones.h). Refuses unauthenticated "push.phone_unknown".
// Writes cred.push_address_set.
[[nodiscard]] Result<void> set_phone_address(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    BytesView token,
    const PushSubscription& subscription,
    const audit::Where& where
);

// The push service says that the subscription is gone. Writes cred.push_address_set.
void drop_phone_address(
    store::Tx& tx, const Moment& moment, const keys::KeyRing& keys, const AuthenticatorId& phone
);

}  // namespace sallyport::authn
