#pragma once
// Registering a new credential (WebAuthn Level 3 §7.1), as a pure function.

#include "domain/authn/webauthn/attestation.h"
#include "domain/authn/webauthn/expectation.h"

#include <cstdint>
#include <vector>

namespace sallyport::authn::webauthn {

// PublicKeyCredential with an AuthenticatorAttestationResponse, its base64url undone.
struct RegistrationResponse {
    BytesView credential_id;  // rawId
    BytesView client_data_json;
    BytesView attestation_object;
};

// What there is to store about the credential, and to hold against policy. Transports are the
// browser's word, and the caller's to keep.
struct Registration {
    Bytes credential_id;
    Bytes public_key;  // COSE_Key
    crypto::CoseAlgorithm algorithm;
    Aaguid aaguid;  // a claim, unless the attestation is trusted
    std::uint32_t sign_count = 0;
    bool user_verified = false;
    bool backup_eligible = false;
    bool backup_state = false;
    Attestation attestation;
    // Whoever holds the attestation against what is trusted says so here (is_model_attested()).
    bool model_attested = false;
};

// What to offer: pubKeyCredParams, the best liked first.
inline const std::vector<crypto::CoseAlgorithm> offered_algorithms = {
    crypto::CoseAlgorithm::es256,
    crypto::CoseAlgorithm::eddsa,
    crypto::CoseAlgorithm::es384,
    crypto::CoseAlgorithm::rs256,
};

// Walks steps 5 to 25 of §7.1. Refuses, beside what ceremony_checks.h names:
//   invalid "webauthn.client_data", "webauthn.attestation_object", "webauthn.authenticator_data"
//   invalid "webauthn.credential_id" (another than the response says, or a size out of bounds)
//   invalid "webauthn.algorithm" (not among `algorithms`), "webauthn.public_key"
//   invalid "webauthn.attestation_format", "webauthn.attestation"
// The caller still has to: hold the result against policy (authenticator_policy.h), see that no one
// has this credential yet (step 26), and store it in the transaction that spends the challenge.
[[nodiscard]] Result<Registration> verify_registration(
    const RegistrationResponse& response,
    const Expectation& expected,
    const std::vector<crypto::CoseAlgorithm>& algorithms = offered_algorithms
);

}  // namespace sallyport::authn::webauthn
