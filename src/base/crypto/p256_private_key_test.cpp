#include "base/crypto/p256_private_key.h"

#include "tests/support/vectors.h"

#include "base/crypto/crypto.h"
#include "base/crypto/public_key.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

using namespace sallyport;
using namespace sallyport::crypto;

namespace {

Secret secret_of(const std::string& hex) {
    auto bytes = from_hex(hex).value();
    return Secret::take(bytes);
}

std::string_view reason(const std::string& scalar) {
    const auto key = P256PrivateKey::from_scalar(secret_of(scalar));
    return key ? "accepted" : key.error().reason;
}

PublicKey public_half(const P256PrivateKey& key) {
    const BytesView point(key.public_point());
    return PublicKey::from_ec(EcCurve::p256, point.subspan(1, 32), point.subspan(33)).value();
}

constexpr auto order_below = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";
constexpr auto order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

}  // namespace

TEST_CASE("RFC 8291 appendix A: both sides' public keys and what they agree on") {
    for (const auto& v : test::read_vectors("webpush/rfc8291.vec")) {
        const auto ours = P256PrivateKey::from_scalar(secret_of(v.text("as_private"))).value();
        const auto theirs = P256PrivateKey::from_scalar(secret_of(v.text("ua_private"))).value();
        CHECK(to_hex(ours.public_point()) == v.text("as_public"));
        CHECK(to_hex(theirs.public_point()) == v.text("ua_public"));
        const auto agreed = ours.agree(theirs.public_point()).value();
        CHECK(to_hex(agreed.expose()) == v.text("ecdh_secret"));
        CHECK(constant_time_equal(agreed, theirs.agree(ours.public_point()).value()));
    }
}

TEST_CASE("a scalar is from one to below the order, and 32 bytes") {
    CHECK(reason(std::string(62, '0') + "01") == "accepted");
    CHECK(reason(order_below) == "accepted");
    CHECK(reason(order) == "key.malformed");
    CHECK(reason(std::string(64, 'f')) == "key.malformed");
    CHECK(reason(std::string(64, '0')) == "key.malformed");
    CHECK(reason(std::string(62, '1')) == "key.malformed");
    CHECK(reason(std::string(66, '0')) == "key.malformed");
}

TEST_CASE("no agreement with what is no point of the curve") {
    const auto key = P256PrivateKey::generate();
    const auto reason_for = [&](const Bytes& point) -> std::string_view {
        const auto agreed = key.agree(point);
        return agreed ? "accepted" : agreed.error().reason;
    };
    auto point = P256PrivateKey::generate().public_point();
    CHECK(reason_for(point) == "accepted");
    auto off_curve = point;
    off_curve.back() ^= std::byte{1};
    CHECK(reason_for(off_curve) == "key.malformed");
    auto hybrid = point;
    hybrid.front() = std::byte{6};
    CHECK(reason_for(hybrid) == "key.malformed");
    CHECK(reason_for(Bytes(point.begin(), point.end() - 1)) == "key.malformed");
    CHECK(reason_for({std::byte{0}}) == "key.malformed");
    CHECK(reason_for({}) == "key.malformed");
}

TEST_CASE("a derived key is the same for the same secret and label, and no other") {
    const auto secret = Secret::random(32);
    const auto point = P256PrivateKey::derive(secret, "a").public_point();
    CHECK(P256PrivateKey::derive(secret, "a").public_point() == point);
    CHECK(P256PrivateKey::derive(secret, "b").public_point() != point);
    CHECK(P256PrivateKey::derive(Secret::random(32), "a").public_point() != point);
}

TEST_CASE("an ES256 signature holds for its message and key only") {
    const auto key = P256PrivateKey::generate();
    const auto mine = public_half(key);
    const auto other = public_half(P256PrivateKey::generate());
    const bool held = rc::check([&](const std::string& message) {
        const auto der = ecdsa_signature_to_der(key.sign(as_bytes(message)));
        RC_ASSERT(mine.verify(CoseAlgorithm::es256, as_bytes(message), der));
        RC_ASSERT(!mine.verify(CoseAlgorithm::es256, as_bytes(message + "x"), der));
        RC_ASSERT(!other.verify(CoseAlgorithm::es256, as_bytes(message), der));
    });
    CHECK(held);
}
