#include "base/crypto/p256_private_key.h"

#include "base/crypto/crypto.h"
#include "base/crypto/openssl.h"
#include "base/crypto/x509.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::crypto {

namespace {

using openssl::require;

using BigNumber = openssl::Owned<BIGNUM, BN_clear_free>;
using Group = openssl::Owned<EC_GROUP, EC_GROUP_free>;
using Point = openssl::Owned<EC_POINT, EC_POINT_free>;
using KeyContext = openssl::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using ParamBuilder = openssl::Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = openssl::Owned<OSSL_PARAM, OSSL_PARAM_free>;
using Signature = openssl::Owned<ECDSA_SIG, ECDSA_SIG_free>;

constexpr const char* curve_name = "prime256v1";

const EC_GROUP* p256() {
    static const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    require(group != nullptr, "no P-256");
    return group.get();
}

// In memory that OpenSSL wipes, with arithmetic whose time does not depend on it.
BigNumber number_of(const Secret& scalar) {
    BigNumber number(BN_secure_new());
    require(number != nullptr, "a P-256 scalar");
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    const auto bytes = scalar.expose();
    require(
        BN_bin2bn(openssl::in(bytes), static_cast<int>(bytes.size()), number.get()) != nullptr,
        "a P-256 scalar"
    );
    return number;
}

Bytes point_of(const BIGNUM* scalar) {
    const Point point(EC_POINT_new(p256()));
    require(
        point != nullptr &&
            EC_POINT_mul(p256(), point.get(), scalar, nullptr, nullptr, nullptr) == 1,
        "a P-256 public key"
    );
    Bytes encoded(p256_point_size);
    const auto size = EC_POINT_point2oct(
        p256(),
        point.get(),
        POINT_CONVERSION_UNCOMPRESSED,
        openssl::out(encoded),
        encoded.size(),
        nullptr
    );
    require(size == encoded.size(), "a P-256 public key's encoding");
    return encoded;
}

// Null if it is no point of the curve; a private key only with its scalar.
openssl::Key key_of(BytesView point, const BIGNUM* scalar) {
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    require(
        builder != nullptr &&
            OSSL_PARAM_BLD_push_utf8_string(
                builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve_name, 0
            ) == 1 &&
            OSSL_PARAM_BLD_push_octet_string(
                builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()
            ) == 1 &&
            (scalar == nullptr ||
             OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1),
        "a P-256 key's parameters"
    );
    const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    require(
        params != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1,
        "making a P-256 key"
    );
    EVP_PKEY* key = nullptr;
    const int selection = scalar == nullptr ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR;
    if (EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1) return nullptr;
    return openssl::Key(key);
}

openssl::Key private_key(const Secret& scalar, BytesView point) {
    auto key = key_of(point, number_of(scalar).get());
    require(key != nullptr, "a P-256 private key");
    return key;
}

Bytes der_signature(EVP_PKEY* key, BytesView message) {
    const openssl::DigestContext context(EVP_MD_CTX_new());
    std::size_t size = 0;
    require(
        context != nullptr &&
            EVP_DigestSignInit_ex(
                context.get(), nullptr, "SHA256", nullptr, nullptr, key, nullptr
            ) == 1 &&
            EVP_DigestSign(context.get(), nullptr, &size, openssl::in(message), message.size()) ==
                1,
        "ES256"
    );
    Bytes der(size);
    require(
        EVP_DigestSign(
            context.get(), openssl::out(der), &size, openssl::in(message), message.size()
        ) == 1,
        "ES256"
    );
    der.resize(size);
    return der;
}

}  // namespace

Result<P256PrivateKey> P256PrivateKey::from_scalar(const Secret& scalar) {
    if (scalar.size() != p256_scalar_size) return refuse(Refusal::invalid, "key.malformed");
    const auto number = number_of(scalar);
    const bool in_range =
        BN_is_zero(number.get()) == 0 && BN_cmp(number.get(), EC_GROUP_get0_order(p256())) < 0;
    if (!in_range) return refuse(Refusal::invalid, "key.malformed");
    return P256PrivateKey(scalar.clone(), point_of(number.get()));
}

P256PrivateKey P256PrivateKey::generate() {
    for (;;) {
        // One draw in 2^32 is not below the order.
        if (auto key = from_scalar(Secret::random(p256_scalar_size))) return *std::move(key);
    }
}

P256PrivateKey P256PrivateKey::derive(const Secret& secret, std::string_view label) {
    for (int candidate = 0;; ++candidate) {
        const auto info = std::string(label) + " " + std::to_string(candidate);
        auto key = from_scalar(hkdf_sha256(secret, {}, info, p256_scalar_size));
        if (key) return *std::move(key);
    }
}

Result<Secret> P256PrivateKey::agree(BytesView their_point) const {
    const openssl::ErrorsDropped dropped;
    constexpr auto uncompressed = std::byte{POINT_CONVERSION_UNCOMPRESSED};
    if (their_point.size() != p256_point_size || their_point.front() != uncompressed) {
        return refuse(Refusal::invalid, "key.malformed");
    }
    const auto theirs = key_of(their_point, nullptr);
    if (theirs == nullptr) return refuse(Refusal::invalid, "key.malformed");
    const auto ours = private_key(scalar_, point_);
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, ours.get(), nullptr));
    require(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1, "ECDH");
    // The last argument asks for the full check that the point is valid.
    if (EVP_PKEY_derive_set_peer_ex(context.get(), theirs.get(), 1) != 1) {
        return refuse(Refusal::invalid, "key.malformed");
    }
    return Secret::make(p256_scalar_size, [&](std::span<std::byte> out) {
        std::size_t size = out.size();
        require(
            EVP_PKEY_derive(context.get(), openssl::out(out), &size) == 1 && size == out.size(),
            "ECDH"
        );
    });
}

std::array<std::byte, p256_signature_size> P256PrivateKey::sign(BytesView message) const {
    const auto key = private_key(scalar_, point_);
    const auto der = der_signature(key.get(), message);
    const auto* at = openssl::in(der);
    const Signature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    require(signature != nullptr, "an ES256 signature's two numbers");
    std::array<std::byte, p256_signature_size> out{};
    auto* const to = openssl::out(out);
    constexpr int half = p256_signature_size / 2;
    require(
        BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), to, half) == half &&
            BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), to + half, half) == half,
        "an ES256 signature's size"
    );
    return out;
}

}  // namespace sallyport::crypto
