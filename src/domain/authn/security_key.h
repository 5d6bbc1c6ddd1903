#pragma once
// An assertion of a security key or passkey, the same for sign-in, second factor and step-up.

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/context.h"
#include "domain/authn/webauthn_challenge.h"
#include "domain/policy/strength.h"

#include <optional>
#include <string_view>

namespace sallyport::authn {

// What navigator.credentials.get() gave, its base64url undone.
struct KeyAnswer {
    Bytes credential_id;
    Bytes client_data_json;
    Bytes authenticator_data;
    Bytes signature;
    std::optional<Bytes> user_handle;
};

// What the answer has to be an answer to.
struct KeyQuestion {
    ChallengePurpose purpose;
    BytesView holder;  // as make_challenge() was told
    // Whose key it has to be. None: whoever's it is (then the key must say so by its user handle).
    std::optional<AccountId> account;
    bool user_verification;  // a PIN or biometric counts as the other factor
};

struct AcceptedKey {
    AuthenticatorId id;
    AccountId account;
    bool user_verified;
    bool device_bound;  // it can't be synced to another device

    [[nodiscard]] policy::Strength strength() const noexcept {
        return device_bound ? policy::Strength::device_bound : policy::Strength::phishing_resistant;
    }

    // RFC 8176: "hwk" where the key can't leave its device, "swk" where it can.
    [[nodiscard]] std::string_view amr() const noexcept { return device_bound ? "hwk" : "swk"; }
};

// As the log tells it: AAL 3 where the key can't leave its device and checked who holds it.
[[nodiscard]] audit::Factor factor_of(const AcceptedKey& key);

// Uses the challenge up whatever comes of it, and keeps sign count and last use. Refuses, for the
// log and not for the person, what spend_challenge() and webauthn::verify_assertion() refuse, and
// unauthenticated "security_key.unknown" (nobody's, another account's, or not usable).
[[nodiscard]] Result<AcceptedKey> accept_security_key(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const KeyQuestion& question,
    const KeyAnswer& answer
);

}  // namespace sallyport::authn
