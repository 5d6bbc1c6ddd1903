#include "tests/support/signing_key.h"

#include "tests/support/cbor_writer.h"

#include "base/crypto/openssl.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdexcept>

namespace sallyport::test {

namespace {

using crypto::CoseAlgorithm;
using crypto::openssl::require;

EVP_PKEY* generated(CoseAlgorithm algorithm) {
    switch (algorithm) {
        case CoseAlgorithm::es256:
            return EVP_EC_gen("P-256");
        case CoseAlgorithm::es384:
            return EVP_EC_gen("P-384");
        case CoseAlgorithm::es512:
            return EVP_EC_gen("P-521");
        case CoseAlgorithm::eddsa:
            return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
        case CoseAlgorithm::ed448:
            return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448");
        case CoseAlgorithm::rs256:
        case CoseAlgorithm::ps256:
        case CoseAlgorithm::rs1:
            return EVP_RSA_gen(2048U);
    }
    throw std::logic_error("no such algorithm");
}

const char* digest_of(CoseAlgorithm algorithm) {
    switch (algorithm) {
        case CoseAlgorithm::es384:
            return "SHA384";
        case CoseAlgorithm::es512:
            return "SHA512";
        case CoseAlgorithm::eddsa:
        case CoseAlgorithm::ed448:
            return nullptr;
        case CoseAlgorithm::rs1:
            return "SHA1";
        default:
            return "SHA256";
    }
}

Bytes sign_with(EVP_PKEY* key, const char* digest, bool pss, BytesView message) {
    const crypto::openssl::DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;
    require(
        EVP_DigestSignInit_ex(context.get(), &options, digest, nullptr, nullptr, key, nullptr) == 1,
        "sign"
    );
    if (pss) {
        require(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1, "PSS");
        require(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1, "PSS");
    }
    std::size_t size = 0;
    const auto* const in = crypto::openssl::in(message);
    require(EVP_DigestSign(context.get(), nullptr, &size, in, message.size()) == 1, "sign");
    Bytes signature(size);
    require(
        EVP_DigestSign(context.get(), crypto::openssl::out(signature), &size, in, message.size()) ==
            1,
        "sign"
    );
    signature.resize(size);
    return signature;
}

std::int64_t curve_number(CoseAlgorithm algorithm) {
    switch (algorithm) {
        case CoseAlgorithm::es256:
            return 1;
        case CoseAlgorithm::es384:
            return 2;
        case CoseAlgorithm::es512:
            return 3;
        case CoseAlgorithm::eddsa:
            return 6;
        default:
            return 7;
    }
}

Bytes raw_public_key(EVP_PKEY* key) {
    std::size_t size = 0;
    require(EVP_PKEY_get_raw_public_key(key, nullptr, &size) == 1, "raw key");
    Bytes raw(size);
    require(EVP_PKEY_get_raw_public_key(key, crypto::openssl::out(raw), &size) == 1, "raw key");
    return raw;
}

}  // namespace

SigningKey::SigningKey(CoseAlgorithm algorithm)
    : SigningKey(algorithm, std::shared_ptr<EVP_PKEY>(generated(algorithm), EVP_PKEY_free)) {}

SigningKey SigningKey::rsa(unsigned bits) {
    return {CoseAlgorithm::rs256, std::shared_ptr<EVP_PKEY>(EVP_RSA_gen(bits), EVP_PKEY_free)};
}

Bytes SigningKey::sign(BytesView message) const {
    const bool pss = algorithm_ == CoseAlgorithm::ps256;
    return sign_with(key_.get(), digest_of(algorithm_), pss, message);
}

Bytes SigningKey::sign_sha1(BytesView message) const {
    return sign_with(key_.get(), "SHA1", false, message);
}

Bytes SigningKey::spki() const {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key_.get(), &der);
    require(size > 0, "SPKI");
    const auto* const bytes = reinterpret_cast<const std::byte*>(der);
    Bytes out(bytes, bytes + size);
    OPENSSL_free(der);
    return out;
}

Bytes SigningKey::ec_point() const {
    return crypto::PublicKey::from_spki(spki()).value().ec_point();
}

Bytes SigningKey::rsa_modulus() const {
    BIGNUM* modulus = nullptr;
    require(EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_RSA_N, &modulus) == 1, "modulus");
    const crypto::openssl::Owned<BIGNUM, BN_free> owned(modulus);
    Bytes out(static_cast<std::size_t>(BN_num_bytes(modulus)));
    BN_bn2bin(modulus, crypto::openssl::out(out));
    return out;
}

Bytes SigningKey::cose() const {
    const auto number = static_cast<std::int64_t>(algorithm_);
    if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) {
        const Bytes exponent = {std::byte{1}, std::byte{0}, std::byte{1}};
        return cbor::map(
            {{cbor::integer(1), cbor::integer(3)},
             {cbor::integer(3), cbor::integer(number)},
             {cbor::integer(-1), cbor::bytes(rsa_modulus())},
             {cbor::integer(-2), cbor::bytes(exponent)}}
        );
    }
    const auto curve = cbor::integer(curve_number(algorithm_));
    if (EVP_PKEY_is_a(key_.get(), "EC") != 1) {
        return cbor::map(
            {{cbor::integer(1), cbor::integer(1)},
             {cbor::integer(3), cbor::integer(number)},
             {cbor::integer(-1), curve},
             {cbor::integer(-2), cbor::bytes(raw_public_key(key_.get()))}}
        );
    }
    const auto point = ec_point();
    const auto coordinates = BytesView(point).subspan(1);
    const auto half = coordinates.size() / 2;
    return cbor::map(
        {{cbor::integer(1), cbor::integer(2)},
         {cbor::integer(3), cbor::integer(number)},
         {cbor::integer(-1), curve},
         {cbor::integer(-2), cbor::bytes(coordinates.first(half))},
         {cbor::integer(-3), cbor::bytes(coordinates.subspan(half))}}
    );
}

}  // namespace sallyport::test
