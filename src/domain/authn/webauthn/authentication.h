#pragma once
// Verifying an assertion (WebAuthn Level 3 §7.2), as a pure function.

#include "domain/authn/webauthn/expectation.h"

#include <cstdint>
#include <optional>

namespace sallyport::authn::webauthn {

// PublicKeyCredential with an AuthenticatorAssertionResponse, its base64url undone.
struct AssertionResponse {
    BytesView credential_id;  // rawId
    BytesView client_data_json;
    BytesView authenticator_data;
    BytesView signature;
    std::optional<BytesView> user_handle = {};
};

// The credential as it was registered, and last used.
struct StoredCredential {
    Bytes id;
    Bytes public_key;  // COSE_Key
    std::uint32_t sign_count = 0;
    bool backup_eligible = false;
    Bytes user_handle = {};  // of the account that it belongs to
    // The account was found by the user handle, not named before: then there must be one.
    bool found_by_user_handle = false;
};

struct Assertion {
    std::uint32_t sign_count = 0;  // to be stored
    bool user_verified = false;
    bool backup_state = false;  // to be stored
};

// Walks steps 5 to 22 of §7.2. Refuses, beside what ceremony_checks.h names:
//   unauthenticated "webauthn.credential_id" (another credential), "webauthn.user_handle"
//   invalid "webauthn.client_data", "webauthn.authenticator_data"
//   unauthenticated "webauthn.backup_eligible" (it was otherwise at registration)
//   unauthenticated "webauthn.signature"
//   unauthenticated "webauthn.sign_count" (it did not grow: an old answer, or a cloned key)
// A fault if the stored key does not parse. The caller stores sign count and backup state in the
// transaction that spends the challenge.
[[nodiscard]] Result<Assertion> verify_assertion(
    const AssertionResponse& response,
    const Expectation& expected,
    const StoredCredential& credential
);

}  // namespace sallyport::authn::webauthn
