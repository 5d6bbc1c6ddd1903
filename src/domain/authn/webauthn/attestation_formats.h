#pragma once
// The verification procedures of WebAuthn §8, one a format and file, and what they share. All
// refuse invalid "webauthn.attestation" with the reason as detail.

#include "domain/authn/webauthn/attestation.h"

#include <optional>

namespace sallyport::authn::webauthn {

[[nodiscard]] Result<Attestation> verify_packed(const AttestationInput& input);       // §8.2
[[nodiscard]] Result<Attestation> verify_tpm(const AttestationInput& input);          // §8.3
[[nodiscard]] Result<Attestation> verify_android_key(const AttestationInput& input);  // §8.4
[[nodiscard]] Result<Attestation> verify_fido_u2f(const AttestationInput& input);     // §8.6
[[nodiscard]] Result<Attestation> verify_none(const AttestationInput& input);         // §8.7
[[nodiscard]] Result<Attestation> verify_apple(const AttestationInput& input);        // §8.8

// A literal only, since it goes to the operator's log.
[[nodiscard]] std::unexpected<Refusal> bad_statement(Reason why);

// Members of the statement. Empty if absent or of another kind.
[[nodiscard]] std::optional<BytesView> bytes_in(
    const AttestationInput& input, std::string_view name
);
[[nodiscard]] std::optional<crypto::CoseAlgorithm> algorithm_in(const AttestationInput& input);

// "x5c": one certificate or more, the attesting one first.
[[nodiscard]] Result<std::vector<crypto::AttestationCertificate>> certificates_in(
    const AttestationInput& input
);

// id-fido-gen-ce-aaguid (§8.2.1): if the certificate has it, it is the authenticator's, and not
// critical.
[[nodiscard]] bool aaguid_extension_agrees(
    const crypto::AttestationCertificate& certificate, const Aaguid& aaguid
);

}  // namespace sallyport::authn::webauthn
