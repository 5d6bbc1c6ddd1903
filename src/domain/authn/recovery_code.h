#pragma once
// Recovery codes: ten, single use, a second factor for whoever lost the authenticator app. Stored
// as MACs bound to the account.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"

#include <optional>
#include <string_view>
#include <vector>

namespace sallyport::authn {

inline constexpr int recovery_code_count = 10;

// A fresh set; the account's earlier ones are revoked. Writes recovery.code_issued. The texts are
// shown once. Permission and step-up are the caller's.
[[nodiscard]] std::vector<crypto::Secret> issue_recovery_codes(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const AccountId& account,
    const audit::Actor& actor
);

// Uses one up and returns its authenticator. Refuses unauthenticated "recovery_code.wrong",
// "recovery_code.used".
[[nodiscard]] Result<AuthenticatorId> use_recovery_code(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const AccountId& account,
    const crypto::Secret& canonical
);

}  // namespace sallyport::authn
