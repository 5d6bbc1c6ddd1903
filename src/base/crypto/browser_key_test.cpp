#include "base/crypto/browser_key.h"

#include "tests/support/browser_key.h"
#include "tests/support/signing_key.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

namespace sallyport::crypto {

namespace {

using namespace std::string_view_literals;

TEST_CASE("a browser's key is one of P-256, in the one spelling that browsers export") {
    const auto reason_for = [](const Bytes& spki) -> std::string_view {
        const auto key = read_browser_key(spki);
        return key ? "accepted" : key.error().reason;
    };
    const auto spki = test::BrowserKey().spki();
    CHECK(spki.size() == browser_key_size);
    CHECK(reason_for(spki) == "accepted");
    for (const auto other : {CoseAlgorithm::es384, CoseAlgorithm::eddsa, CoseAlgorithm::rs256}) {
        CHECK(reason_for(test::SigningKey(other).spki()) == "key.malformed");
    }
    auto longer = spki;
    longer.push_back(std::byte{0});
    CHECK(reason_for(longer) == "key.malformed");
    CHECK(reason_for({spki.begin(), spki.end() - 1}) == "key.malformed");
    CHECK(reason_for({}) == "key.malformed");
    auto off_curve = spki;
    off_curve.back() ^= std::byte{1};
    CHECK(reason_for(off_curve) == "key.malformed");
}

TEST_CASE("no two statements are spelt alike, wherever their parts are cut") {
    CHECK(
        as_text(statement({as_bytes("for"sv), as_bytes(""sv), as_bytes("x"sv)})) ==
        "\0\0\0\x03"
        "for\0\0\0\0\0\0\0\x01x"sv
    );
    const std::set<std::string> all = {
        to_hex(statement({as_bytes("ab"sv), as_bytes("c"sv)})),
        to_hex(statement({as_bytes("a"sv), as_bytes("bc"sv)})),
        to_hex(statement({as_bytes("abc"sv)})),
        to_hex(statement({as_bytes("abc"sv), as_bytes(""sv)})),
    };
    CHECK(all.size() == 4);
}

TEST_CASE("a signature holds for its key and its statement, as r and s side by side only") {
    const test::BrowserKey mine;
    const auto key = read_browser_key(mine.spki()).value();
    const auto said = statement({as_bytes("test"sv), as_bytes("yes"sv)});
    const auto signature = mine.sign(said);
    CHECK(is_signed_by(key, said, signature));
    CHECK_FALSE(is_signed_by(key, statement({as_bytes("test"sv), as_bytes("no"sv)}), signature));
    CHECK_FALSE(is_signed_by(read_browser_key(test::BrowserKey().spki()).value(), said, signature));
    CHECK_FALSE(is_signed_by(key, said, ecdsa_signature_to_der(signature)));
    CHECK_FALSE(is_signed_by(key, said, BytesView(signature).first(63)));
    CHECK_FALSE(is_signed_by(key, said, Bytes(browser_signature_size)));
    CHECK_FALSE(is_signed_by(key, said, {}));
    for (std::size_t i = 0; i < signature.size(); ++i) {
        auto changed = signature;
        changed[i] ^= std::byte{1};
        CHECK_FALSE(is_signed_by(key, said, changed));
    }
}

}  // namespace

}  // namespace sallyport::crypto
