#pragma once
// Our own private keys on P-256, where a protocol of others asks for that curve: ECDSA (ES256) and
// ECDH. A key is for one of the two.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace sallyport::crypto {

inline constexpr std::size_t p256_scalar_size = 32;
inline constexpr std::size_t p256_point_size = 65;
inline constexpr std::size_t p256_signature_size = 64;

class P256PrivateKey {
public:
    [[nodiscard]] static P256PrivateKey generate();
    // Big-endian. Refuses invalid "key.malformed": another size, zero, or not below the group's
    // order.
    [[nodiscard]] static Result<P256PrivateKey> from_scalar(const Secret& scalar);
    // The same key for the same secret and label, always (FIPS 186-5 A.2.2, with HKDF-SHA-256 as
    // the source of candidates), so that a key needs no place of its own to be kept.
    [[nodiscard]] static P256PrivateKey derive(const Secret& secret, std::string_view label);

    // 0x04, x, y (SEC 1 §2.3.3).
    [[nodiscard]] const Bytes& public_point() const noexcept { return point_; }

    // The x coordinate that both sides arrive at (SP 800-56A §5.7.1.2), 32 bytes, for a KDF.
    // Refuses invalid "key.malformed" for a point that is not uncompressed or not on the curve.
    [[nodiscard]] Result<Secret> agree(BytesView their_point) const;
    // ECDSA with SHA-256; r and s side by side, as JOSE writes it (RFC 7518 §3.4).
    [[nodiscard]] std::array<std::byte, p256_signature_size> sign(BytesView message) const;

private:
    P256PrivateKey(Secret scalar, Bytes point)
        : scalar_(std::move(scalar)), point_(std::move(point)) {}

    Secret scalar_;
    Bytes point_;
};

}  // namespace sallyport::crypto
