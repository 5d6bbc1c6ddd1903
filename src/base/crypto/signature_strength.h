#pragma once
// Inside base/crypto only: which keys and signatures of certificates, CRLs and OCSP answers are
// still believed. OpenSSL verifies what it is given: MD5 and 512-bit RSA as gladly as any.

#include "base/core/result.h"
#include "base/crypto/x509.h"

namespace sallyport::crypto {

inline constexpr int rsa_bits_min = 2048;  // 112 bits of strength (SP 800-57 part 1, table 2)

// RSA from rsa_bits_min with an odd exponent from 3 to 256 bits, NIST P-256, P-384, P-521,
// brainpoolP256r1, P384r1, P512r1 (health professional cards), Ed25519; named curves only. Refuses
// unauthenticated "certificate.weak_key".
[[nodiscard]] Result<void> require_strong_key(const X509* certificate);

// SHA-256, SHA-384, SHA-512 with RSA (PKCS #1 v1.5 or PSS) or ECDSA; Ed25519.
[[nodiscard]] bool is_strong_signature(const X509_ALGOR* algorithm);

}  // namespace sallyport::crypto
