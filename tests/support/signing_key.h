#pragma once
// Private keys for tests that play an authenticator or a certificate authority.

#include "base/core/bytes.h"
#include "base/crypto/public_key.h"

#include <memory>

namespace sallyport::test {

class SigningKey {
public:
    // RSA keys have 2,048 bits.
    explicit SigningKey(crypto::CoseAlgorithm algorithm = crypto::CoseAlgorithm::es256);
    // An RSA key of another size, or an EC key on another curve than its algorithm has.
    [[nodiscard]] static SigningKey rsa(unsigned bits);

    [[nodiscard]] crypto::CoseAlgorithm algorithm() const noexcept { return algorithm_; }

    [[nodiscard]] Bytes sign(BytesView message) const;
    // SHA-1, whatever the key's algorithm.
    [[nodiscard]] Bytes sign_sha1(BytesView message) const;
    [[nodiscard]] Bytes cose() const;  // COSE_Key
    [[nodiscard]] Bytes spki() const;  // DER
    [[nodiscard]] Bytes ec_point() const;
    [[nodiscard]] Bytes rsa_modulus() const;

    [[nodiscard]] evp_pkey_st* get() const noexcept { return key_.get(); }

private:
    SigningKey(crypto::CoseAlgorithm algorithm, std::shared_ptr<evp_pkey_st> key)
        : algorithm_(algorithm), key_(std::move(key)) {}

    crypto::CoseAlgorithm algorithm_;
    std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace sallyport::test
