#pragma once
// X.509 certificates for tests, good ones and such as no authority would make.

#include "tests/support/signing_key.h"

#include "base/core/time.h"
#include "base/crypto/attestation_certificate.h"

#include <chrono>
#include <string>
#include <vector>

namespace sallyport::test {

// DER elements for extensions: a tag byte, or a context tag, and what is in it.
[[nodiscard]] Bytes der(std::uint8_t tag, BytesView content);
[[nodiscard]] Bytes der_context(std::uint32_t number, BytesView content);  // constructed

inline const Time attestations_from = Time(std::chrono::sys_days(std::chrono::year(2024) / 1 / 1));
inline const Time attestations_until = Time(std::chrono::sys_days(std::chrono::year(2034) / 1 / 1));

struct AttestationPlan {
    std::vector<crypto::AttestationAttribute> subject;
    int version = 3;
    bool basic_constraints = true;
    bool ca = false;
    // Beside the basic constraints.
    std::vector<crypto::AttestationExtension> extensions = {};
    Time not_before = attestations_from;
    Time not_after = attestations_until;
    const char* digest = "SHA256";
};

struct AttestingCertificate {
    Bytes der;
    SigningKey key;
    std::vector<crypto::AttestationAttribute> subject;

    [[nodiscard]] crypto::AttestationCertificate parsed() const {
        return crypto::parse_attestation_certificate(der).value();
    }
};

// Signed by `issuer`, by itself if that is null.
[[nodiscard]] AttestingCertificate make_attesting(
    const AttestationPlan& plan, const SigningKey& key, const AttestingCertificate* issuer = nullptr
);

// A self-signed authority of this name.
[[nodiscard]] AttestingCertificate make_authority(const std::string& name);

// What WebAuthn §8.2.1 asks of a packed attestation certificate.
[[nodiscard]] AttestationPlan packed_plan();

// The extensions that attestation formats look for.
[[nodiscard]] crypto::AttestationExtension aaguid_extension(BytesView aaguid);

}  // namespace sallyport::test
