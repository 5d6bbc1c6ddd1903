#include "tests/support/vectors.h"

#include "base/crypto/aead_sealer.h"
#include "base/crypto/crypto.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <string>

using namespace sallyport;
using namespace sallyport::crypto;

namespace {

Secret secret(Bytes bytes) {
    return Secret::take(bytes);
}

const Bytes nonce(12, std::byte{7});

}  // namespace

TEST_CASE("Wycheproof: AES-256-GCM opens what is authentic and refuses the rest") {
    int refused = 0;
    for (const auto& v : test::read_vectors("crypto/aes_256_gcm.vec")) {
        const auto key = secret(v.bytes("key"));
        const auto plain =
            aead_open_at(key, v.bytes("nonce"), v.bytes("bound_to"), v.bytes("sealed"));
        REQUIRE_MESSAGE(plain.has_value() == (v.text("result") == "valid"), v.text("id"));
        if (!plain) {
            CHECK(plain.error().reason == "aead.not_authentic");
            ++refused;
            continue;
        }
        CHECK(*plain == v.bytes("plain"));
        CHECK(
            aead_seal_at(key, v.bytes("nonce"), v.bytes("bound_to"), v.bytes("plain")) ==
            v.bytes("sealed")
        );
    }
    CHECK(refused > 10);
}

TEST_CASE("what was sealed opens under the same key and binding") {
    const auto key = Secret::random(32);
    const bool held = rc::check([&](const std::string& bound_to, const std::string& plain) {
        const auto sealed = aead_seal(key, as_bytes(bound_to), as_bytes(plain));
        RC_ASSERT(sealed.size() == 12 + plain.size() + 16);
        const auto opened = aead_open(key, as_bytes(bound_to), sealed);
        RC_ASSERT(opened.has_value());
        RC_ASSERT(as_text(opened->expose()) == plain);
        RC_ASSERT(!aead_open(key, as_bytes(bound_to + "x"), sealed));
        RC_ASSERT(!aead_open(Secret::random(32), as_bytes(bound_to), sealed));
    });
    CHECK(held);
}

TEST_CASE("any changed, lost or added byte is noticed") {
    const auto key = Secret::random(32);
    const auto sealed = aead_seal(key, as_bytes("row 1"), as_bytes("a credential"));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] ^= std::byte{1};
        CHECK_FALSE(aead_open(key, as_bytes("row 1"), changed));
        CHECK_FALSE(aead_open(key, as_bytes("row 1"), BytesView(sealed).first(i)));
    }
    auto longer = sealed;
    longer.push_back(std::byte{0});
    const auto opened = aead_open(key, as_bytes("row 1"), longer);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().reason == "aead.not_authentic");
}

TEST_CASE("nonces are drawn anew: equal texts are sealed differently") {
    const auto key = Secret::random(32);
    std::set<Bytes> seals;
    for (int i = 0; i < 1000; ++i) {
        seals.insert(aead_seal(key, {}, as_bytes("the same")));
    }
    CHECK(seals.size() == 1000);
}

TEST_CASE("an empty text and an empty binding are sealed too") {
    const auto key = Secret::random(32);
    const auto sealed = aead_seal(key, {}, {});
    CHECK(sealed.size() == 28);
    CHECK(aead_open(key, {}, sealed).value().size() == 0);
    CHECK_FALSE(aead_open(key, as_bytes("x"), sealed));
    CHECK(aead_open_at(key, nonce, {}, aead_seal_at(key, nonce, {}, {})).value().empty());
}

TEST_CASE("a sealer gives for each of many texts what sealing it alone gives") {
    const auto key = Secret::random(32);
    AeadSealer sealer(key);
    for (unsigned char i = 0; i < 50; ++i) {
        Bytes counter(12);
        counter.back() = std::byte{i};
        const Bytes bound_to(i % 7, std::byte{i});
        const Bytes plain(i * 5U, std::byte{'p'});
        Bytes text = plain;
        text.resize(plain.size() + aead_tag_size);
        sealer.seal_in_place(counter, bound_to, text);
        CHECK(text == aead_seal_at(key, counter, bound_to, plain));
    }
    Bytes no_room(aead_tag_size - 1);
    CHECK_THROWS(sealer.seal_in_place(Bytes(12), {}, no_room));
    CHECK_THROWS(AeadSealer(Secret::random(16)));
}

TEST_CASE("a key or nonce of another size is a fault, not an answer") {
    CHECK_THROWS(static_cast<void>(aead_seal(Secret::random(16), {}, {})));
    CHECK_THROWS(static_cast<void>(aead_seal_at(Secret::random(32), Bytes(11), {}, {})));
    CHECK_THROWS(static_cast<void>(aead_open_at(Secret::random(32), Bytes(16), {}, Bytes(16))));
}
