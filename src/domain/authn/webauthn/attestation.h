#pragma once
// Attestation: where a new credential's authenticator comes from (WebAuthn §6.5, §8). Verifying a
// statement tells that it is sound; whether its path ends at a root that we trust is policy
// (authenticator_policy.h).

#include "base/core/bytes.h"
#include "base/crypto/attestation_certificate.h"
#include "base/crypto/cbor.h"
#include "base/crypto/cose_key.h"
#include "base/crypto/crypto.h"
#include "domain/authn/webauthn/authenticator_data.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn::webauthn {

// WebAuthn §6.5.4.
enum class AttestationType : std::uint8_t {
    none,
    self,  // by the credential's own key: tells nothing about the authenticator
    // By a key with certificates, of the maker or of an attestation authority: from the outside
    // they look alike.
    basic,
    attestation_ca,    // TPM
    anonymization_ca,  // Apple
};

[[nodiscard]] std::string_view to_text(AttestationType type) noexcept;

struct Attestation {
    std::string format;
    AttestationType type = AttestationType::none;
    std::vector<crypto::AttestationCertificate> trust_path;  // the attesting one first
};

// What every format's procedure is given (§6.5.3, "verification procedure inputs").
struct AttestationInput {
    const crypto::CborValue& statement;
    BytesView authenticator_data;
    const crypto::Sha256Digest& client_data_hash;
    // The same data, read before, and its credential's key.
    const AuthenticatorData& parsed;
    const AttestedCredential& credential;
    const crypto::CoseKey& credential_key;

    // What most formats sign.
    [[nodiscard]] Bytes signed_bytes() const;
};

// By the procedure of `format`. Refuses invalid "webauthn.attestation_format" for any that is not
// none, packed, fido-u2f, tpm, apple or android-key: a statement that nobody here understands is
// not taken for none. Otherwise "webauthn.attestation", with the format and what is wrong as
// detail.
[[nodiscard]] Result<Attestation> verify_attestation(
    std::string_view format, const AttestationInput& input
);

}  // namespace sallyport::authn::webauthn
