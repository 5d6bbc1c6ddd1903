#include "base/crypto/public_key.h"

#include "base/crypto/openssl.h"
#include "base/crypto/x509.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace sallyport::crypto {

namespace {

using openssl::require;

using KeyContext = openssl::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using ParamBuilder = openssl::Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = openssl::Owned<OSSL_PARAM, OSSL_PARAM_free>;
using BigNumber = openssl::Owned<BIGNUM, BN_free>;
using EcdsaSignature = openssl::Owned<ECDSA_SIG, ECDSA_SIG_free>;

constexpr std::size_t exponent_size_max = 4;

struct CurveFacts {
    EcCurve curve;
    const char* name;  // OpenSSL's
    std::size_t field_size;
};

constexpr std::array<CurveFacts, 3> curves = {{
    {EcCurve::p256, "prime256v1", 32},
    {EcCurve::p384, "secp384r1", 48},
    {EcCurve::p521, "secp521r1", 66},
}};

// Which key an algorithm wants, and how it signs.
struct AlgorithmFacts {
    CoseAlgorithm algorithm;
    const char* key_type;
    const char* group;   // of an EC key
    const char* digest;  // null: the algorithm has its own
    bool pss = false;
};

constexpr std::array<AlgorithmFacts, 8> algorithms = {{
    {CoseAlgorithm::es256, "EC", "prime256v1", "SHA256"},
    {CoseAlgorithm::eddsa, "ED25519", nullptr, nullptr},
    {CoseAlgorithm::es384, "EC", "secp384r1", "SHA384"},
    {CoseAlgorithm::es512, "EC", "secp521r1", "SHA512"},
    {CoseAlgorithm::ps256, "RSA", nullptr, "SHA256", true},
    {CoseAlgorithm::ed448, "ED448", nullptr, nullptr},
    {CoseAlgorithm::rs256, "RSA", nullptr, "SHA256"},
    {CoseAlgorithm::rs1, "RSA", nullptr, "SHA1"},
}};

const AlgorithmFacts& facts_of(CoseAlgorithm algorithm) {
    const auto found = std::ranges::find(algorithms, algorithm, &AlgorithmFacts::algorithm);
    require(found != algorithms.end(), "no such signature algorithm");
    return *found;
}

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "key.malformed");
}

std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* key) {
    return {key, EVP_PKEY_free};
}

// Null if OpenSSL finds that these make no key.
std::shared_ptr<EVP_PKEY> key_from(const char* type, OSSL_PARAM_BLD* builder) {
    const Params params(OSSL_PARAM_BLD_to_param(builder));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    require(
        params != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1,
        "making a public key"
    );
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) return {};
    return shared(key);
}

bool is_valid(EVP_PKEY* key) {
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    require(context != nullptr, "checking a public key");
    return EVP_PKEY_public_check(context.get()) == 1;
}

bool has_group(EVP_PKEY* key, std::string_view wanted) {
    std::array<char, 64> name{};
    std::size_t size = 0;
    return EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) == 1 &&
           std::string_view(name.data(), size) == wanted;
}

}  // namespace

std::optional<CoseAlgorithm> cose_algorithm(std::int64_t number) noexcept {
    for (const auto& facts : algorithms) {
        if (static_cast<std::int64_t>(facts.algorithm) == number) return facts.algorithm;
    }
    return std::nullopt;
}

Result<PublicKey> PublicKey::from_ec(EcCurve curve, BytesView x, BytesView y) {
    const openssl::ErrorsDropped dropped;
    const auto& facts = *std::ranges::find(curves, curve, &CurveFacts::curve);
    if (x.size() != facts.field_size || y.size() != facts.field_size) return malformed();
    ByteWriter point;
    point.u8(POINT_CONVERSION_UNCOMPRESSED);
    point.put(x);
    point.put(y);

    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    require(
        builder != nullptr &&
            OSSL_PARAM_BLD_push_utf8_string(
                builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, facts.name, 0
            ) == 1 &&
            OSSL_PARAM_BLD_push_octet_string(
                builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.bytes().data(), point.bytes().size()
            ) == 1,
        "an EC key's parameters"
    );
    auto key = key_from("EC", builder.get());
    if (key == nullptr || !is_valid(key.get())) return malformed();
    return PublicKey(std::move(key));
}

Result<PublicKey> PublicKey::from_edwards(EdwardsCurve curve, BytesView key) {
    const openssl::ErrorsDropped dropped;
    const bool is_25519 = curve == EdwardsCurve::ed25519;
    if (key.size() != (is_25519 ? 32U : 57U)) return malformed();
    // OpenSSL takes any 32 bytes. libsodium tells whether they are a point of the prime order
    // group.
    if (is_25519 && crypto_core_ed25519_is_valid_point(openssl::in(key)) != 1) return malformed();
    auto made = shared(EVP_PKEY_new_raw_public_key(
        is_25519 ? EVP_PKEY_ED25519 : EVP_PKEY_ED448, nullptr, openssl::in(key), key.size()
    ));
    if (made == nullptr) return malformed();
    return PublicKey(std::move(made));
}

Result<PublicKey> PublicKey::from_rsa(BytesView modulus, BytesView exponent) {
    const openssl::ErrorsDropped dropped;
    constexpr std::size_t modulus_size_max = rsa_bits_max / 8;
    if (modulus.empty() || exponent.empty() || modulus.front() == std::byte{0} ||
        exponent.front() == std::byte{0}) {
        return malformed();  // RFC 8230 §4: as few bytes as will do
    }
    if (modulus.size() > modulus_size_max) return refuse(Refusal::invalid, "key.size");
    if (exponent.size() > exponent_size_max) return malformed();
    const BigNumber n(BN_bin2bn(openssl::in(modulus), static_cast<int>(modulus.size()), nullptr));
    const BigNumber e(BN_bin2bn(openssl::in(exponent), static_cast<int>(exponent.size()), nullptr));
    require(n != nullptr && e != nullptr, "an RSA key's numbers");
    if (BN_num_bits(n.get()) < rsa_bits_min) return refuse(Refusal::invalid, "key.size");
    if (BN_is_odd(n.get()) == 0 || BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) == 1) {
        return malformed();
    }

    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    require(
        builder != nullptr &&
            OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
            OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1,
        "an RSA key's parameters"
    );
    auto key = key_from("RSA", builder.get());
    if (key == nullptr) return malformed();
    return PublicKey(std::move(key));
}

Result<PublicKey> PublicKey::from_spki(BytesView der) {
    const openssl::ErrorsDropped dropped;
    if (der.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return malformed();
    const auto* at = openssl::in(der);
    auto key = shared(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
    if (key == nullptr || at != openssl::in(der) + der.size()) return malformed();
    return PublicKey(std::move(key));
}

bool PublicKey::fits(CoseAlgorithm algorithm) const {
    const openssl::ErrorsDropped dropped;
    const auto& facts = facts_of(algorithm);
    if (EVP_PKEY_is_a(key_.get(), facts.key_type) != 1) return false;
    if (facts.group != nullptr) return has_group(key_.get(), facts.group);
    if (facts.key_type != std::string_view("RSA")) return true;
    const int bits = EVP_PKEY_get_bits(key_.get());
    return bits >= rsa_bits_min && bits <= rsa_bits_max;
}

bool PublicKey::verify(CoseAlgorithm algorithm, BytesView message, BytesView signature) const {
    const openssl::ErrorsDropped dropped;
    if (!fits(algorithm)) return false;
    const auto& facts = facts_of(algorithm);
    const openssl::DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;
    require(
        context != nullptr &&
            EVP_DigestVerifyInit_ex(
                context.get(), &options, facts.digest, nullptr, nullptr, key_.get(), nullptr
            ) == 1,
        "signature verification"
    );
    if (facts.pss) {
        // RFC 8230 §2: the salt is as long as the hash.
        require(
            EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1,
            "PSS padding"
        );
    }
    return EVP_DigestVerify(
               context.get(),
               openssl::in(signature),
               signature.size(),
               openssl::in(message),
               message.size()
           ) == 1;
}

Bytes PublicKey::ec_point() const {
    if (EVP_PKEY_is_a(key_.get(), "EC") != 1) return {};
    unsigned char* encoded = nullptr;
    const auto size = EVP_PKEY_get1_encoded_public_key(key_.get(), &encoded);
    const auto release = [](unsigned char* bytes) { OPENSSL_free(bytes); };
    const std::unique_ptr<unsigned char, decltype(release)> owned(encoded, release);
    const auto* const bytes = reinterpret_cast<const std::byte*>(encoded);
    return {bytes, bytes + size};
}

bool PublicKey::operator==(const PublicKey& other) const {
    const openssl::ErrorsDropped dropped;
    return EVP_PKEY_eq(key_.get(), other.key_.get()) == 1;
}

Bytes ecdsa_signature_to_der(BytesView side_by_side) {
    if (side_by_side.empty() || side_by_side.size() % 2 != 0) return {};
    const auto half = side_by_side.size() / 2;
    const auto number = [](BytesView bytes) {
        return BN_bin2bn(openssl::in(bytes), static_cast<int>(bytes.size()), nullptr);
    };
    BigNumber r(number(side_by_side.first(half)));
    BigNumber s(number(side_by_side.subspan(half)));
    const EcdsaSignature signature(ECDSA_SIG_new());
    require(
        signature != nullptr && r != nullptr && s != nullptr &&
            ECDSA_SIG_set0(signature.get(), r.get(), s.get()) == 1,
        "an ECDSA signature"
    );
    static_cast<void>(r.release());  // the signature's now
    static_cast<void>(s.release());
    const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
    require(size > 0, "an ECDSA signature's encoding");
    Bytes der(static_cast<std::size_t>(size));
    auto* out = openssl::out(der);
    require(i2d_ECDSA_SIG(signature.get(), &out) == size, "an ECDSA signature's encoding");
    return der;
}

}  // namespace sallyport::crypto
