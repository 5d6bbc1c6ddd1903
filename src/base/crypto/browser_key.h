#pragma once
// Keys that live in a browser and can't be read out of it (Web Cryptography §14: `extractable`
// false), ECDSA on P-256 with SHA-256, and what such a key signs.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/crypto/public_key.h"

#include <cstddef>
#include <initializer_list>

namespace sallyport::crypto {

// A SubjectPublicKeyInfo of P-256 with an uncompressed point (RFC 5480 §2.1, §2.2), in bytes: what
// exportKey("spki") gives.
inline constexpr std::size_t browser_key_size = 91;
inline constexpr std::size_t browser_signature_size = 64;

// Refuses invalid "key.malformed": anything but a key of P-256 of that size.
[[nodiscard]] Result<PublicKey> read_browser_key(BytesView spki);

// What is signed: each part with its size in front (32 bits, big-endian), the first saying what it
// is for, so that no two statements are spelt alike and none can be taken for another.
[[nodiscard]] Bytes statement(std::initializer_list<BytesView> parts);

// `signature`: r and s side by side (Web Cryptography §23.7), 64 bytes. Whoever knows a signature
// can write another for the same statement (with n - s): what must not come twice is the
// statement's own to prevent.
[[nodiscard]] bool is_signed_by(const PublicKey& key, BytesView statement, BytesView signature);

}  // namespace sallyport::crypto
