#include "base/crypto/cose_key.h"

#include "base/crypto/cbor.h"

#include <array>
#include <cstdint>
#include <optional>

namespace sallyport::crypto {

namespace {

// The labels of RFC 9052 table 4 and RFC 9053 §7. -1 to -3 mean other things for RSA (RFC 8230).
constexpr std::int64_t label_key_type = 1;
constexpr std::int64_t label_algorithm = 3;
constexpr std::int64_t label_curve = -1;
constexpr std::int64_t label_x = -2;
constexpr std::int64_t label_y = -3;
constexpr std::int64_t label_modulus = -1;
constexpr std::int64_t label_exponent = -2;

constexpr CborLimits limits{.size_max = cose_key_size_max, .depth_max = 1, .items_max = 16};

enum class KeyType : std::int64_t { okp = 1, ec2 = 2, rsa = 3 };

// What an algorithm asks of the key. (RFC 9053 lets ES256 go with any curve; WebAuthn §5.8.5 does
// not.)
struct Demand {
    CoseAlgorithm algorithm;
    KeyType type;
    std::int64_t curve = 0;  // RFC 9053 table 18
};

constexpr std::array<Demand, 7> demands = {{
    {CoseAlgorithm::es256, KeyType::ec2, 1},
    {CoseAlgorithm::es384, KeyType::ec2, 2},
    {CoseAlgorithm::es512, KeyType::ec2, 3},
    {CoseAlgorithm::eddsa, KeyType::okp, 6},
    {CoseAlgorithm::ed448, KeyType::okp, 7},
    {CoseAlgorithm::rs256, KeyType::rsa},
    {CoseAlgorithm::ps256, KeyType::rsa},
}};

const Demand* demand_of(std::int64_t algorithm) {
    for (const auto& demand : demands) {
        if (static_cast<std::int64_t>(demand.algorithm) == algorithm) return &demand;
    }
    return nullptr;
}

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "cose.malformed");
}

std::optional<std::int64_t> integer(const CborValue& map, std::int64_t label) {
    const auto* const member = map.find(label);
    return member == nullptr ? std::nullopt : member->integer();
}

std::optional<BytesView> bytes(const CborValue& map, std::int64_t label) {
    const auto* const member = map.find(label);
    return member == nullptr ? std::nullopt : member->bytes();
}

Result<PublicKey> ec_key(const CborValue& map, std::int64_t curve) {
    const auto x = bytes(map, label_x);
    const auto y = bytes(map, label_y);  // a boolean would be the compressed form
    if (!x || !y) return malformed();
    constexpr std::array curves = {EcCurve::p256, EcCurve::p384, EcCurve::p521};
    return PublicKey::from_ec(curves.at(static_cast<std::size_t>(curve - 1)), *x, *y);
}

Result<PublicKey> edwards_key(const CborValue& map, CoseAlgorithm algorithm) {
    const auto x = bytes(map, label_x);
    if (!x) return malformed();
    const auto curve =
        algorithm == CoseAlgorithm::eddsa ? EdwardsCurve::ed25519 : EdwardsCurve::ed448;
    return PublicKey::from_edwards(curve, *x);
}

Result<PublicKey> rsa_key(const CborValue& map) {
    const auto modulus = bytes(map, label_modulus);
    const auto exponent = bytes(map, label_exponent);
    if (!modulus || !exponent) return malformed();
    return PublicKey::from_rsa(*modulus, *exponent);
}

Result<PublicKey> key_for(const CborValue& map, const Demand& demand) {
    if (demand.type == KeyType::rsa) return rsa_key(map);
    if (integer(map, label_curve) != demand.curve) return refuse(Refusal::invalid, "cose.curve");
    if (demand.type == KeyType::ec2) return ec_key(map, demand.curve);
    return edwards_key(map, demand.algorithm);
}

}  // namespace

Result<CoseKey> parse_cose_key(BytesView encoded) {
    SP_TRY(const auto map, parse_cbor(encoded, limits));
    const auto algorithm = integer(map, label_algorithm);
    const auto type = integer(map, label_key_type);
    if (!algorithm || !type) return malformed();
    const auto* const demand = demand_of(*algorithm);
    if (demand == nullptr) return refuse(Refusal::invalid, "cose.algorithm");
    if (*type != static_cast<std::int64_t>(demand->type)) return malformed();
    const std::size_t members = demand->type == KeyType::ec2 ? 5 : 4;
    if (map.items().size() != members) return malformed();
    SP_TRY(auto key, key_for(map, *demand));
    return CoseKey{.algorithm = demand->algorithm, .key = std::move(key)};
}

}  // namespace sallyport::crypto
