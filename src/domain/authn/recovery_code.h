#pragma once
// Recovery codes: ten, single use, beside the passphrase for whoever lost what they sign in with,
// or when what they sign in with is out of reach (S1-39): this node alone checks them. They give
// back access and never elevate (docs/adr/0010). Stored as MACs bound to the account.

#include "base/core/bytes.h"
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

// Of a factor's amr, where a recovery code was shown; RFC 8176 has no word for it.
inline constexpr std::string_view recovery_code_amr = "recovery";

[[nodiscard]] bool is_by_recovery_code(const audit::Factor& factor) noexcept;

[[nodiscard]] Bytes mac_of_recovery_code(
    const keys::KeyRing& keys, const AccountId& account, const crypto::Secret& canonical
);

// The set of a code that is right and not used yet. With no account asks in vain. Refuses
// unauthenticated "recovery_code.wrong", "recovery_code.used".
[[nodiscard]] Result<AuthenticatorId> find_recovery_code(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const std::optional<AccountId>& account,
    const crypto::Secret& canonical
);

// Uses one up, by its MAC, and returns its set. Refuses what find_recovery_code() refuses. Writes
// cred.recovery_code_used.
[[nodiscard]] Result<AuthenticatorId> spend_recovery_code(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const Bytes& mac,
    const audit::Actor& holder
);

}  // namespace sallyport::authn
