#include "base/crypto/public_key.h"

#include "tests/support/signing_key.h"
#include "tests/support/vectors.h"

#include <doctest/doctest.h>

#include <array>

namespace sallyport::crypto {

namespace {

using test::SigningKey;

constexpr std::array every_algorithm = {
    CoseAlgorithm::es256,
    CoseAlgorithm::eddsa,
    CoseAlgorithm::es384,
    CoseAlgorithm::es512,
    CoseAlgorithm::ps256,
    CoseAlgorithm::ed448,
    CoseAlgorithm::rs256,
    CoseAlgorithm::rs1,
};

std::string_view reason(const Result<PublicKey>& key) {
    return key ? "accepted" : key.error().reason;
}

PublicKey p256(const Bytes& point) {
    const auto coordinates = BytesView(point).subspan(1);
    return PublicKey::from_ec(EcCurve::p256, coordinates.first(32), coordinates.subspan(32))
        .value();
}

TEST_CASE("Wycheproof: ECDSA over P-256 with SHA-256, as DER and as JOSE writes it") {
    int refused = 0;
    for (const auto& v : test::read_vectors("crypto/ecdsa_p256_der.vec")) {
        const bool valid =
            p256(v.bytes("public_key"))
                .verify(CoseAlgorithm::es256, v.bytes("message"), v.bytes("signature"));
        CHECK_MESSAGE(valid == (v.text("result") == "valid"), v.text("id"));
        refused += valid ? 0 : 1;
    }
    CHECK(refused > 300);
    for (const auto& v : test::read_vectors("crypto/ecdsa_p256_p1363.vec")) {
        const auto raw = v.bytes("signature");
        // JOSE's form has one size (RFC 7518 §3.4), which its reader checks.
        const bool valid =
            raw.size() == 64 &&
            p256(v.bytes("public_key"))
                .verify(CoseAlgorithm::es256, v.bytes("message"), ecdsa_signature_to_der(raw));
        CHECK_MESSAGE(valid == (v.text("result") == "valid"), v.text("id"));
    }
}

TEST_CASE("Wycheproof: RSASSA-PKCS1-v1_5 with SHA-256") {
    int refused = 0;
    for (const auto& v : test::read_vectors("crypto/rsa_pkcs1_2048_sha256.vec")) {
        const auto key = PublicKey::from_rsa(v.bytes("modulus"), v.bytes("exponent")).value();
        const bool valid =
            key.verify(CoseAlgorithm::rs256, v.bytes("message"), v.bytes("signature"));
        // "acceptable" are encodings that old libraries made without the NULL.
        if (v.text("result") == "acceptable") continue;
        CHECK_MESSAGE(valid == (v.text("result") == "valid"), v.text("id"));
        refused += valid ? 0 : 1;
    }
    CHECK(refused > 200);
}

TEST_CASE("Wycheproof: Ed25519 through a key object") {
    for (const auto& v : test::read_vectors("crypto/ed25519_verify.vec")) {
        const auto key = PublicKey::from_edwards(EdwardsCurve::ed25519, v.bytes("public_key"));
        if (!key) {
            CHECK(v.text("result") == "invalid");
            continue;
        }
        const bool valid =
            key->verify(CoseAlgorithm::eddsa, v.bytes("message"), v.bytes("signature"));
        CHECK_MESSAGE(valid == (v.text("result") == "valid"), v.text("id"));
    }
}

TEST_CASE("every algorithm verifies its own signatures, over that message and by that key") {
    const auto message = as_bytes("a message");
    for (const auto algorithm : every_algorithm) {
        CAPTURE(static_cast<int>(algorithm));
        const SigningKey signer(algorithm);
        const auto key = PublicKey::from_spki(signer.spki()).value();
        auto signature = signer.sign(message);
        CHECK(key.verify(algorithm, message, signature));
        CHECK_FALSE(key.verify(algorithm, as_bytes("a massage"), signature));
        const auto other = PublicKey::from_spki(SigningKey(algorithm).spki()).value();
        CHECK_FALSE(other.verify(algorithm, message, signature));
        CHECK_FALSE(key == other);
        CHECK(key == PublicKey::from_spki(signer.spki()).value());
        signature.back() ^= std::byte{1};
        CHECK_FALSE(key.verify(algorithm, message, signature));
        CHECK_FALSE(key.verify(algorithm, message, {}));
    }
}

TEST_CASE("a key verifies under its own algorithm only") {
    const auto message = as_bytes("a message");
    for (const auto algorithm : every_algorithm) {
        const SigningKey signer(algorithm);
        const auto key = PublicKey::from_spki(signer.spki()).value();
        const bool rsa = key.fits(CoseAlgorithm::rs256);
        for (const auto other : every_algorithm) {
            CAPTURE(static_cast<int>(algorithm));
            CAPTURE(static_cast<int>(other));
            const bool both_rsa =
                rsa && (other == CoseAlgorithm::rs256 || other == CoseAlgorithm::ps256 ||
                        other == CoseAlgorithm::rs1);
            CHECK(key.fits(other) == (other == algorithm || both_rsa));
            CHECK(key.verify(other, message, signer.sign(message)) == (other == algorithm));
        }
    }
}

TEST_CASE("points off the curve, outside the field or of another width are no keys") {
    const auto point = SigningKey().ec_point();
    const auto x = BytesView(point).subspan(1, 32);
    const auto y = BytesView(point).subspan(33);
    CHECK(reason(PublicKey::from_ec(EcCurve::p256, x, y)) == "accepted");
    Bytes moved(y.begin(), y.end());
    moved.back() ^= std::byte{1};
    CHECK(reason(PublicKey::from_ec(EcCurve::p256, x, moved)) == "key.malformed");
    CHECK(reason(PublicKey::from_ec(EcCurve::p256, x, x)) == "key.malformed");
    const Bytes zeros(32);
    CHECK(reason(PublicKey::from_ec(EcCurve::p256, zeros, zeros)) == "key.malformed");
    const Bytes beyond(32, std::byte{0xFF});
    CHECK(reason(PublicKey::from_ec(EcCurve::p256, beyond, y)) == "key.malformed");
    CHECK(reason(PublicKey::from_ec(EcCurve::p256, x.first(31), y)) == "key.malformed");
    CHECK(reason(PublicKey::from_ec(EcCurve::p384, x, y)) == "key.malformed");
    CHECK(reason(PublicKey::from_ec(EcCurve::p256, {}, {})) == "key.malformed");
}

TEST_CASE("Edwards points of small order, and other sizes, are no keys") {
    Bytes neutral(32);
    neutral.front() = std::byte{1};
    CHECK(reason(PublicKey::from_edwards(EdwardsCurve::ed25519, neutral)) == "key.malformed");
    CHECK(reason(PublicKey::from_edwards(EdwardsCurve::ed25519, Bytes(32))) == "key.malformed");
    CHECK(reason(PublicKey::from_edwards(EdwardsCurve::ed25519, Bytes(31))) == "key.malformed");
    CHECK(reason(PublicKey::from_edwards(EdwardsCurve::ed448, Bytes(32))) == "key.malformed");
}

TEST_CASE("RSA keys have 2,048 to 4,096 bits and a proper exponent") {
    const Bytes exponent = {std::byte{1}, std::byte{0}, std::byte{1}};
    const auto made = [&](unsigned bits) {
        return PublicKey::from_rsa(SigningKey::rsa(bits).rsa_modulus(), exponent);
    };
    CHECK(reason(made(2048)) == "accepted");
    CHECK(reason(made(2047)) == "key.size");
    CHECK(reason(made(1024)) == "key.size");
    Bytes large(513, std::byte{0xFF});
    CHECK(reason(PublicKey::from_rsa(large, exponent)) == "key.size");
    large.resize(512);
    CHECK(reason(PublicKey::from_rsa(large, exponent)) == "accepted");

    const auto modulus = SigningKey::rsa(2048).rsa_modulus();
    const auto with_exponent = [&](const Bytes& e) {
        return reason(PublicKey::from_rsa(modulus, e));
    };
    CHECK(with_exponent({std::byte{3}}) == "accepted");
    CHECK(with_exponent({std::byte{1}}) == "key.malformed");
    CHECK(with_exponent({std::byte{2}}) == "key.malformed");
    CHECK(with_exponent({}) == "key.malformed");
    CHECK(with_exponent({std::byte{0}, std::byte{3}}) == "key.malformed");
    CHECK(with_exponent(Bytes(5, std::byte{3})) == "key.malformed");
    auto even = modulus;
    even.back() &= std::byte{0xFE};
    CHECK(reason(PublicKey::from_rsa(even, exponent)) == "key.malformed");
    auto padded = modulus;
    padded.insert(padded.begin(), std::byte{0});
    CHECK(reason(PublicKey::from_rsa(padded, exponent)) == "key.malformed");
}

TEST_CASE("an RSA key of 1,024 bits in a certificate verifies nothing") {
    const auto signer = SigningKey::rsa(1024);
    const auto key = PublicKey::from_spki(signer.spki()).value();
    CHECK_FALSE(key.fits(CoseAlgorithm::rs256));
    CHECK_FALSE(key.verify(CoseAlgorithm::rs256, as_bytes("m"), signer.sign(as_bytes("m"))));
}

TEST_CASE("what is no public key in DER is refused") {
    const auto der = SigningKey().spki();
    CHECK(reason(PublicKey::from_spki({})) == "key.malformed");
    CHECK(reason(PublicKey::from_spki(BytesView(der).first(der.size() - 1))) == "key.malformed");
    auto longer = der;
    longer.push_back(std::byte{0});
    CHECK(reason(PublicKey::from_spki(longer)) == "key.malformed");
}

TEST_CASE("algorithm numbers that are not verified are unknown") {
    CHECK(cose_algorithm(-7) == CoseAlgorithm::es256);
    CHECK(cose_algorithm(-65535) == CoseAlgorithm::rs1);
    CHECK_FALSE(cose_algorithm(-47).has_value());  // ES256K
    CHECK_FALSE(cose_algorithm(-49).has_value());  // ML-DSA-65
    CHECK_FALSE(cose_algorithm(0).has_value());
    CHECK_FALSE(cose_algorithm(INT64_MIN).has_value());
}

}  // namespace

}  // namespace sallyport::crypto
