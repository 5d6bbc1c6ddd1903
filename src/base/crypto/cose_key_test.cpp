#include "base/crypto/cose_key.h"

#include "tests/support/cbor_writer.h"
#include "tests/support/signing_key.h"

#include <doctest/doctest.h>

namespace sallyport::crypto {

namespace {

namespace cbor = test::cbor;
using test::SigningKey;

std::string_view reason(const Bytes& encoded) {
    const auto key = parse_cose_key(encoded);
    return key ? "accepted" : key.error().reason;
}

// The members of an ES256 key, for changing one of them.
cbor::Members members() {
    const auto point = SigningKey().ec_point();
    return {
        {cbor::integer(1), cbor::integer(2)},
        {cbor::integer(3), cbor::integer(-7)},
        {cbor::integer(-1), cbor::integer(1)},
        {cbor::integer(-2), cbor::bytes(BytesView(point).subspan(1, 32))},
        {cbor::integer(-3), cbor::bytes(BytesView(point).subspan(33))},
    };
}

std::string_view reason_with(std::size_t index, Bytes value) {
    auto changed = members();
    changed.at(index).second = std::move(value);
    return reason(cbor::map(changed));
}

TEST_CASE("keys of every algorithm are read, and verify") {
    for (const auto algorithm :
         {CoseAlgorithm::es256,
          CoseAlgorithm::eddsa,
          CoseAlgorithm::es384,
          CoseAlgorithm::es512,
          CoseAlgorithm::ps256,
          CoseAlgorithm::ed448,
          CoseAlgorithm::rs256}) {
        CAPTURE(static_cast<int>(algorithm));
        const SigningKey signer(algorithm);
        const auto key = parse_cose_key(signer.cose());
        REQUIRE(key.has_value());
        CHECK(key->algorithm == algorithm);
        const auto message = as_bytes("a message");
        CHECK(key->verify(message, signer.sign(message)));
        CHECK_FALSE(key->verify(as_bytes("another"), signer.sign(message)));
    }
}

TEST_CASE("a credential's key is never for RS1, nor for what is not verified") {
    CHECK(reason(cbor::map(members())) == "accepted");
    CHECK(reason(SigningKey(CoseAlgorithm::rs1).cose()) == "cose.algorithm");
    CHECK(reason_with(1, cbor::integer(-47)) == "cose.algorithm");
    CHECK(reason_with(1, cbor::integer(-49)) == "cose.algorithm");
    CHECK(reason_with(1, cbor::integer(0)) == "cose.algorithm");
}

TEST_CASE("the key's type and curve are its algorithm's") {
    CHECK(reason_with(0, cbor::integer(3)) == "cose.malformed");
    CHECK(reason_with(1, cbor::integer(-35)) == "cose.curve");
    CHECK(reason_with(2, cbor::integer(2)) == "cose.curve");
    CHECK(reason_with(2, cbor::integer(8)) == "cose.curve");  // secp256k1
    CHECK(reason_with(2, cbor::text("P-256")) == "cose.curve");
}

TEST_CASE("a point that is off the curve, compressed or cut is refused") {
    CHECK(reason_with(4, cbor::bytes(Bytes(32))) == "key.malformed");
    CHECK(reason_with(4, Bytes{std::byte{0xF5}}) == "cose.malformed");
    CHECK(reason_with(3, cbor::bytes(Bytes(31))) == "key.malformed");
    CHECK(reason_with(3, cbor::text("x")) == "cose.malformed");
}

TEST_CASE("a key has the members that it needs, and no others") {
    for (std::size_t left_out = 0; left_out < members().size(); ++left_out) {
        CAPTURE(left_out);
        auto fewer = members();
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(left_out));
        CHECK(reason(cbor::map(fewer)) != "accepted");
    }
    auto more = members();
    more.emplace_back(cbor::integer(2), cbor::bytes(as_bytes("kid")));
    CHECK(reason(cbor::map(more)) == "cose.malformed");
    auto twice = members();
    twice.push_back(twice.back());
    CHECK(reason(cbor::map(twice)) == "cbor.malformed");
}

TEST_CASE("what is no COSE key is refused") {
    CHECK(reason({}) == "cbor.malformed");
    CHECK(reason(cbor::integer(1)) == "cose.malformed");
    CHECK(reason(cbor::array({})) == "cose.malformed");
    CHECK(reason(cbor::joined(cbor::map(members()), cbor::integer(0))) == "cbor.malformed");
    CHECK(reason(Bytes(cose_key_size_max + 1)) == "cbor.too_large");
}

}  // namespace

}  // namespace sallyport::crypto
