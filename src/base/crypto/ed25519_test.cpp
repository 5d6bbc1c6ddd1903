#include "tests/support/vectors.h"

#include "base/crypto/crypto.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

using namespace sallyport;
using namespace sallyport::crypto;

TEST_CASE("RFC 8032 section 7.1: keys and signatures") {
    for (const auto& v : test::read_vectors("crypto/ed25519_sign.vec")) {
        auto seed = v.bytes("seed");
        const auto key = SigningKey::from_seed(Secret::take(seed));
        CHECK(to_hex(key.public_key()) == v.text("public_key"));
        CHECK(to_hex(key.sign(v.bytes("message"))) == v.text("signature"));
        CHECK(verify_ed25519(v.bytes("public_key"), v.bytes("message"), v.bytes("signature")));
    }
}

TEST_CASE("Wycheproof: Ed25519 signatures, valid and not") {
    int refused = 0;
    for (const auto& v : test::read_vectors("crypto/ed25519_verify.vec")) {
        const bool valid =
            verify_ed25519(v.bytes("public_key"), v.bytes("message"), v.bytes("signature"));
        CHECK_MESSAGE(valid == (v.text("result") == "valid"), v.text("id"));
        refused += valid ? 0 : 1;
    }
    CHECK(refused > 50);
}

TEST_CASE("a signature holds for its message and key only") {
    const auto key = SigningKey::generate();
    const auto other = SigningKey::generate();
    const bool held = rc::check([&](const std::string& message) {
        const auto signature = key.sign(as_bytes(message));
        RC_ASSERT(verify_ed25519(key.public_key(), as_bytes(message), signature));
        RC_ASSERT(!verify_ed25519(key.public_key(), as_bytes(message + "x"), signature));
        RC_ASSERT(!verify_ed25519(other.public_key(), as_bytes(message), signature));
    });
    CHECK(held);
}

TEST_CASE("a key made again from its seed is the same key") {
    const auto key = SigningKey::generate();
    CHECK(SigningKey::from_seed(key.seed()).public_key() == key.public_key());
    CHECK_THROWS(static_cast<void>(SigningKey::from_seed(Secret::random(31))));
}

TEST_CASE("keys and signatures of a wrong size verify nothing") {
    const auto key = SigningKey::generate();
    const auto signature = key.sign({});
    const auto public_key = key.public_key();
    CHECK_FALSE(verify_ed25519(BytesView(public_key).first(31), {}, signature));
    CHECK_FALSE(verify_ed25519(public_key, {}, BytesView(signature).first(63)));
    CHECK_FALSE(verify_ed25519({}, {}, {}));
}
