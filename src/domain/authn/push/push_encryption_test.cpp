#include "domain/authn/push/push_encryption.h"

#include "tests/support/vectors.h"

#include <doctest/doctest.h>

using namespace sallyport;
using namespace sallyport::authn;

TEST_CASE("RFC 8291 section 5: a message as the standard writes it") {
    for (const auto& v : test::read_vectors("webpush/rfc8291.vec")) {
        auto scalar = v.bytes("as_private");
        auto auth = v.bytes("auth");
        const PushSubscription to{
            .endpoint = {.host = "push.example.net", .target = "/"},
            .public_key = v.bytes("ua_public"),
            .secret = crypto::Secret::take(auth),
        };
        const auto once = crypto::P256PrivateKey::from_scalar(crypto::Secret::take(scalar)).value();
        const auto message = encrypt_push_message(to, v.bytes("plain"), once, v.bytes("salt"));
        CHECK(to_hex(message) == v.text("message"));
    }
}
