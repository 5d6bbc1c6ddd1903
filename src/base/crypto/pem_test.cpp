#include "base/crypto/pem.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::crypto {

namespace {

constexpr PemLimits limits{.text_size_max = 1000, .blocks_max = 2};

std::string refusal(std::string_view text) {
    const auto blocks = pem_blocks(text, "THING", limits);
    return blocks ? "" : std::string(blocks.error().reason);
}

TEST_CASE("blocks of the wanted label come out in their order; remarks and others are skipped") {
    const auto blocks = pem_blocks(
        "a remark\r\n-----BEGIN THING-----\r\nAQID\r\nBA==\r\n-----END THING-----\r\n"
        "-----BEGIN OTHER-----\n%%%\n-----END OTHER-----\n"
        "-----BEGIN THING-----\nBQ==\n-----END THING-----",
        "THING",
        limits
    );
    REQUIRE(blocks.has_value());
    REQUIRE(blocks->size() == 2);
    CHECK(to_hex(blocks->at(0)) == "01020304");
    CHECK(to_hex(blocks->at(1)) == "05");
}

TEST_CASE("what has no block of the label is empty") {
    CHECK(refusal("") == "pem.empty");
    CHECK(refusal("-----BEGIN OTHER-----\nAQ==\n-----END OTHER-----\n") == "pem.empty");
}

TEST_CASE("what is not spelt as RFC 7468 has it is malformed") {
    CHECK(refusal("-----BEGIN THING-----\nAQ==\n") == "pem.malformed");
    CHECK(refusal("-----BEGIN THING-----\nAQ==\n-----END OTHER-----\n") == "pem.malformed");
    CHECK(refusal("-----BEGIN THING\nAQ==\n-----END THING-----\n") == "pem.malformed");
    CHECK(refusal("-----BEGIN THING-----\n-----END THING-----\n") == "pem.malformed");
    CHECK(refusal("-----BEGIN THING-----\nAQ=\n-----END THING-----\n") == "pem.malformed");
    // An encrypted key's headers, and a block begun inside another.
    CHECK(refusal("-----BEGIN THING-----\nA: b\n\nAQ==\n-----END THING-----\n") == "pem.malformed");
    CHECK(
        refusal("-----BEGIN THING-----\n-----BEGIN THING-----\nAQ==\n-----END THING-----\n") ==
        "pem.malformed"
    );
}

TEST_CASE("too much is refused") {
    const std::string block = "-----BEGIN THING-----\nAQ==\n-----END THING-----\n";
    CHECK(refusal(block + block).empty());
    CHECK(refusal(block + block + block) == "pem.too_many");
    CHECK(refusal(std::string(1001, 'x')) == "pem.too_large");
}

}  // namespace

}  // namespace sallyport::crypto
