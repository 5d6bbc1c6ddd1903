#include "base/crypto/der_reader.h"

#include "tests/support/attestation_authority.h"

#include <doctest/doctest.h>

namespace sallyport::crypto {

namespace {

bool reads(std::string_view hex) {
    const auto der = from_hex(hex).value();
    return DerReader(der).next().has_value();
}

TEST_CASE("elements come out with class, tag and content") {
    const auto der = from_hex(
                         "3003020105"
                         "bf853e020500"
                         "0400"
    )
                         .value();
    DerReader reader(der);
    const auto sequence = reader.next(der_sequence).value();
    CHECK(der_small_number(DerReader(sequence).next(der_integer).value()).value() == 5U);
    const auto tagged = reader.next().value();
    CHECK(tagged.is_context(702));
    CHECK(tagged.constructed);
    CHECK(tagged.content.size() == 2);
    CHECK(reader.next(der_octet_string)->empty());
    CHECK(reader.at_end());
    CHECK_FALSE(reader.next().has_value());
}

TEST_CASE("lengths of all sizes are read back") {
    for (const std::size_t size : {0U, 1U, 127U, 128U, 255U, 256U, 5000U}) {
        const auto element = test::der(0x04, Bytes(size));
        CHECK(DerReader(element).next(der_octet_string)->size() == size);
    }
}

TEST_CASE("other spellings and cut elements are refused") {
    CHECK(reads("040101"));
    for (const auto* const hex :
         {"",
          "04",
          "0402aa",
          "0480aa0000",    // without a length
          "048101aa",      // a longer length than needed
          "04820080",      // the same
          "0484ffffffff",  // far too long
          "1f",
          "1f1e00",      // a high tag that fits the low form
          "1f808101aa",  // zeros in front
          "1fffffff7f00"}) {
        CAPTURE(hex);
        CHECK_FALSE(reads(hex));
    }
    const auto number = from_hex("020105").value();
    CHECK_FALSE(DerReader(number).next(der_octet_string).has_value());
    const auto primitive_sequence = from_hex("1000").value();
    CHECK_FALSE(DerReader(primitive_sequence).next(der_sequence).has_value());
}

TEST_CASE("numbers are not negative, not padded and have 32 bits") {
    const auto number = [](std::string_view hex) {
        return der_small_number(from_hex(hex).value());
    };
    CHECK(number("00").value() == 0U);
    CHECK(number("7f").value() == 127U);
    CHECK(number("0080").value() == 128U);
    CHECK(number("00ffffffff").value() == 0xFFFFFFFFU);
    for (const auto* const hex : {"", "80", "ff", "0001", "0100000000", "000000000001"}) {
        CHECK_FALSE(number(hex).has_value());
    }
}

}  // namespace

}  // namespace sallyport::crypto
