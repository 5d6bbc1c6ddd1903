#include "base/crypto/encrypted_content.h"

#include "tests/support/vectors.h"

#include "base/core/fault.h"

#include <doctest/doctest.h>

using namespace sallyport;
using namespace sallyport::crypto;

TEST_CASE("RFC 8188 section 3.1: content in one record, without a key id") {
    for (const auto& v : test::read_vectors("webpush/rfc8188.vec")) {
        auto key = v.bytes("key");
        const auto message =
            encrypt_content(Secret::take(key), v.bytes("salt"), {}, v.bytes("plain"));
        CHECK(to_hex(message) == v.text("message"));
    }
}

TEST_CASE("content that does not fit the form is a fault, never cut short") {
    const auto key = Secret::random(16);
    const Bytes salt(content_salt_size);
    CHECK(encrypt_content(key, salt, {}, Bytes(content_plain_max)).size() == 16 + 4 + 1 + 4096);
    CHECK_THROWS_AS((void)encrypt_content(key, salt, {}, Bytes(content_plain_max + 1)), Fault);
    CHECK_THROWS_AS((void)encrypt_content(key, Bytes(15), {}, {}), Fault);
    CHECK_THROWS_AS((void)encrypt_content(key, salt, Bytes(256), {}), Fault);
}
