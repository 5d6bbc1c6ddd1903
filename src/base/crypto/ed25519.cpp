#include "base/crypto/crypto.h"
#include "base/crypto/openssl.h"

namespace sallyport::crypto {
namespace {

using openssl::require;

constexpr std::size_t seed_size = 32;
constexpr std::size_t public_key_size = 32;
constexpr std::size_t signature_size = 64;

openssl::Key private_key(const Secret& seed) {
    const auto bytes = seed.expose();
    openssl::Key key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, openssl::in(bytes), bytes.size())
    );
    require(key != nullptr, "Ed25519 private key");
    return key;
}

}  // namespace

SigningKey SigningKey::generate() {
    return SigningKey(Secret::random(seed_size));
}

SigningKey SigningKey::from_seed(const Secret& seed) {
    require(seed.size() == seed_size, "an Ed25519 seed has 32 bytes");
    return SigningKey(seed.clone());
}

std::array<std::byte, 32> SigningKey::public_key() const {
    std::array<std::byte, public_key_size> bytes;
    std::size_t size = bytes.size();
    require(
        EVP_PKEY_get_raw_public_key(private_key(seed_).get(), openssl::out(bytes), &size) == 1 &&
            size == bytes.size(),
        "Ed25519 public key"
    );
    return bytes;
}

std::array<std::byte, 64> SigningKey::sign(BytesView message) const {
    const auto key = private_key(seed_);
    const openssl::DigestContext context(EVP_MD_CTX_new());
    std::array<std::byte, signature_size> signature;
    std::size_t size = signature.size();
    require(
        context != nullptr &&
            EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
            EVP_DigestSign(
                context.get(), openssl::out(signature), &size, openssl::in(message), message.size()
            ) == 1 &&
            size == signature.size(),
        "Ed25519 signature"
    );
    return signature;
}

bool verify_ed25519(BytesView public_key, BytesView message, BytesView signature) {
    if (public_key.size() != public_key_size || signature.size() != signature_size) return false;
    const openssl::Key key(EVP_PKEY_new_raw_public_key(
        EVP_PKEY_ED25519, nullptr, openssl::in(public_key), public_key.size()
    ));
    if (key == nullptr) return false;
    const openssl::DigestContext context(EVP_MD_CTX_new());
    require(
        context != nullptr &&
            EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1,
        "Ed25519 verification"
    );
    return EVP_DigestVerify(
               context.get(),
               openssl::in(signature),
               signature.size(),
               openssl::in(message),
               message.size()
           ) == 1;
}

}  // namespace sallyport::crypto
