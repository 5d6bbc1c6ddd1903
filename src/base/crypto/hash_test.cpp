#include "tests/support/vectors.h"

#include "base/crypto/crypto.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace sallyport;
using namespace sallyport::crypto;

namespace {

Secret secret(Bytes bytes) {
    return Secret::take(bytes);
}

Secret secret(std::string text) {
    return Secret::take(std::as_writable_bytes(std::span(text)));
}

}  // namespace

TEST_CASE("FIPS 180-4: SHA-256 of the examples") {
    CHECK(
        to_hex(sha256(as_bytes("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    CHECK(to_hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(
        to_hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    );
    CHECK(
        to_hex(sha256(as_bytes(std::string(1'000'000, 'a')))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    );
}

TEST_CASE("FIPS 180-4: SHA-1 of the examples") {
    const auto digest = [](const std::string& text) {
        const auto made = sha1(secret(text));
        return to_hex(made.expose());
    };
    CHECK(digest("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(digest("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    CHECK(
        digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
    );
}

TEST_CASE("SHA-256 in pieces is SHA-256 of the whole") {
    const bool held = rc::check([](const std::vector<std::string>& pieces) {
        Sha256 hash;
        std::string whole;
        for (const auto& piece : pieces) {
            hash.update(as_bytes(piece));
            whole += piece;
        }
        Sha256 moved = std::move(hash);
        RC_ASSERT(moved.digest() == sha256(as_bytes(whole)));
    });
    CHECK(held);
}

TEST_CASE("a SHA-256 that has ended takes nothing more") {
    Sha256 hash;
    CHECK(hash.digest() == sha256({}));
    CHECK_THROWS(hash.update(as_bytes("late")));
    CHECK_THROWS(static_cast<void>(hash.digest()));
}

TEST_CASE("threads hash without disturbing each other") {
    std::vector<std::jthread> threads;
    std::atomic<int> wrong = 0;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&wrong, i] {
            const std::string text(static_cast<std::size_t>(100 * i), 'a');
            const auto expected = sha256(as_bytes(text));
            for (int j = 0; j < 1000; ++j) {
                if (sha256(as_bytes(text)) != expected) ++wrong;
            }
        });
    }
    threads.clear();
    CHECK(wrong == 0);
}

TEST_CASE("Wycheproof: HMAC with SHA-1, SHA-256 and SHA-512") {
    const auto check = [](const char* file, HashAlgorithm algorithm) {
        for (const auto& v : test::read_vectors(file)) {
            const auto mac = hmac(algorithm, secret(v.bytes("key")), v.bytes("message"));
            const bool equal = constant_time_equal(BytesView(mac), v.bytes("mac"));
            CHECK_MESSAGE(equal == (v.text("result") == "valid"), file, " ", v.text("id"));
        }
    };
    check("crypto/hmac_sha1.vec", HashAlgorithm::sha1);
    check("crypto/hmac_sha256.vec", HashAlgorithm::sha256);
    check("crypto/hmac_sha512.vec", HashAlgorithm::sha512);
    for (const auto& v : test::read_vectors("crypto/hmac_sha256.vec")) {
        const auto mac = hmac_sha256(secret(v.bytes("key")), v.bytes("message"));
        CHECK(std::ranges::equal(mac, v.bytes("mac")) == (v.text("result") == "valid"));
    }
}

TEST_CASE("RFC 4231 test case 6: a key longer than the block, and an empty one") {
    const auto message = as_bytes("Test Using Larger Than Block-Size Key - Hash Key First");
    CHECK(
        to_hex(hmac_sha256(secret(Bytes(131, std::byte{0xaa})), message)) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    );
    CHECK(
        to_hex(hmac_sha256(secret(""), {})) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
    );
}

TEST_CASE("RFC 5869 and Wycheproof: HKDF-SHA-256") {
    for (const auto& v : test::read_vectors("crypto/hkdf_sha256.vec")) {
        const auto okm = hkdf_sha256(
            secret(v.bytes("key")),
            v.bytes("salt"),
            as_text(v.bytes("info")),
            std::stoul(v.text("size"))
        );
        CHECK_MESSAGE(to_hex(okm.expose()) == v.text("okm"), v.text("id"));
    }
    CHECK_THROWS(static_cast<void>(hkdf_sha256(secret("key"), {}, "too long", 255 * 32 + 1)));
}

TEST_CASE("equality in constant time is equality") {
    const bool held = rc::check([](const std::string& a, const std::string& b) {
        RC_ASSERT(constant_time_equal(as_bytes(a), as_bytes(b)) == (a == b));
        RC_ASSERT(constant_time_equal(as_bytes(a), as_bytes(std::string(a))));
        RC_ASSERT(constant_time_equal(secret(a), secret(b)) == (a == b));
    });
    CHECK(held);
}

TEST_CASE("the system's randomness does not repeat") {
    SystemRandom random;
    Bytes first(3'000'000);
    Bytes second(3'000'000);
    random.fill(first);
    random.fill(second);
    CHECK(first != second);
    CHECK(std::ranges::count(first, std::byte{0}) < 20'000);  // 11,719 expected
    CHECK(std::ranges::count(std::span(first).last(1000), std::byte{0}) < 100);
    random.fill({});
}
