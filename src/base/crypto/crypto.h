#pragma once
// The primitives, said once. Everything below throws Fault if OpenSSL or libsodium fails: that is
// never an answer. Only base/crypto (and TLS) includes their headers.

#include "base/core/bytes.h"
#include "base/core/random.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace sallyport::crypto {

using Sha256Digest = std::array<std::byte, 32>;

[[nodiscard]] Sha256Digest sha256(BytesView message);

// Incremental; digest() ends it.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void update(BytesView bytes);
    [[nodiscard]] Sha256Digest digest();

private:
    void* context_;
};

// 20 bytes. Only for comparing with lists that others have made with it: nothing is kept safe by
// it.
[[nodiscard]] Secret sha1(const Secret& message);

[[nodiscard]] Sha256Digest hmac_sha256(const Secret& key, BytesView message);

enum class HashAlgorithm : std::uint8_t { sha1, sha256, sha384, sha512 };

// 20, 32, 48 or 64 bytes. SHA-1 only where a format of others asks for it (TPM attestations).
[[nodiscard]] Bytes digest(HashAlgorithm algorithm, BytesView message);
// For TOTP (RFC 4226 §5.3); as long as the digest.
[[nodiscard]] Bytes hmac(HashAlgorithm algorithm, const Secret& key, BytesView message);
// RFC 5869.
[[nodiscard]] Secret hkdf_sha256(
    const Secret& key, BytesView salt, std::string_view info, std::size_t size
);

[[nodiscard]] bool constant_time_equal(BytesView a, BytesView b) noexcept;

// AES-256-GCM with a random 96-bit nonce in front and the 128-bit tag behind.
[[nodiscard]] Bytes aead_seal(const Secret& key, BytesView bound_to, BytesView plain);
// Refuses invalid "aead.not_authentic".
[[nodiscard]] Result<Secret> aead_open(const Secret& key, BytesView bound_to, BytesView sealed);
// The same with the caller's nonce (12 bytes, never twice under one key): counter nonces of
// recordings. No nonce in front.
[[nodiscard]] Bytes aead_seal_at(
    const Secret& key, BytesView nonce, BytesView bound_to, BytesView plain
);
[[nodiscard]] Result<Bytes> aead_open_at(
    const Secret& key, BytesView nonce, BytesView bound_to, BytesView sealed
);

// Ed25519 (RFC 8032).
class SigningKey {
public:
    [[nodiscard]] static SigningKey generate();
    [[nodiscard]] static SigningKey from_seed(const Secret& seed);  // 32 bytes

    [[nodiscard]] const Secret& seed() const noexcept { return seed_; }

    [[nodiscard]] std::array<std::byte, 32> public_key() const;
    [[nodiscard]] std::array<std::byte, 64> sign(BytesView message) const;

private:
    explicit SigningKey(Secret seed) : seed_(std::move(seed)) {}

    Secret seed_;
};

[[nodiscard]] bool verify_ed25519(BytesView public_key, BytesView message, BytesView signature);

// The operating system's randomness, through OpenSSL.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::byte> out) override;
};

}  // namespace sallyport::crypto
