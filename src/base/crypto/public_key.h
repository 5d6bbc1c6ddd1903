#pragma once
// Other people's public keys, and whether a signature was made with one.

#include "base/core/bytes.h"

#include <cstdint>
#include <memory>
#include <optional>

struct evp_pkey_st;

namespace sallyport::crypto {

// The signature algorithms that are verified, under their numbers in IANA's COSE registry.
enum class CoseAlgorithm : std::int32_t {
    es256 = -7,    // ECDSA, P-256, SHA-256
    eddsa = -8,    // Ed25519
    es384 = -35,   // ECDSA, P-384, SHA-384
    es512 = -36,   // ECDSA, P-521, SHA-512
    ps256 = -37,   // RSASSA-PSS, SHA-256
    ed448 = -53,   // RFC 9864
    rs256 = -257,  // RSASSA-PKCS1-v1_5, SHA-256
    rs1 = -65535,  // with SHA-1: what old TPMs sign attestations with, and nothing else
};

// Nothing for a number that is not verified here.
[[nodiscard]] std::optional<CoseAlgorithm> cose_algorithm(std::int64_t number) noexcept;

enum class EcCurve : std::uint8_t { p256, p384, p521 };
enum class EdwardsCurve : std::uint8_t { ed25519, ed448 };

inline constexpr int rsa_bits_min = 2048;
inline constexpr int rsa_bits_max = 4096;  // more costs time and proves nothing

// A key that is well formed; copies share it.
class PublicKey {
public:
    // Coordinates as wide as the curve's field. Refuses invalid "key.malformed" (a wrong width, not
    // on the curve).
    [[nodiscard]] static Result<PublicKey> from_ec(EcCurve curve, BytesView x, BytesView y);
    // RFC 8032. Refuses invalid "key.malformed" (a wrong size; a point of small order, under which
    // one signature holds for many messages).
    [[nodiscard]] static Result<PublicKey> from_edwards(EdwardsCurve curve, BytesView key);
    // Big-endian, without zeros in front. Refuses invalid "key.malformed", and "key.size" for a
    // modulus outside the bounds above.
    [[nodiscard]] static Result<PublicKey> from_rsa(BytesView modulus, BytesView exponent);
    // A SubjectPublicKeyInfo (RFC 5280 §4.1), of any algorithm that OpenSSL knows: fits() tells
    // whether it can verify. Refuses invalid "key.malformed".
    [[nodiscard]] static Result<PublicKey> from_spki(BytesView der);

    // Whether this is a key for that algorithm: its type, its curve, its size.
    [[nodiscard]] bool fits(CoseAlgorithm algorithm) const;
    // False for a key that does not fit. ECDSA signatures are DER (WebAuthn §6.5.5).
    [[nodiscard]] bool verify(CoseAlgorithm algorithm, BytesView message, BytesView signature)
        const;
    // 0x04, x, y (SEC 1 §2.3.3); empty if this is no EC key.
    [[nodiscard]] Bytes ec_point() const;

    [[nodiscard]] bool operator==(const PublicKey& other) const;

private:
    explicit PublicKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}

    std::shared_ptr<evp_pkey_st> key_;
};

// An ECDSA signature as JOSE writes it (r and s, side by side) in DER. Empty if the size is odd or
// zero.
[[nodiscard]] Bytes ecdsa_signature_to_der(BytesView side_by_side);

}  // namespace sallyport::crypto
