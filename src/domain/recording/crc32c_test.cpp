#include "domain/recording/crc32c.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace sallyport;
using namespace sallyport::recording;

TEST_CASE("CRC-32C gives the values of RFC 3720 appendix B.4") {
    CHECK(crc32c(as_bytes("123456789")) == 0xE3069283U);
    CHECK(crc32c(Bytes(32, std::byte{0})) == 0x8A9136AAU);
    CHECK(crc32c(Bytes(32, std::byte{0xFF})) == 0x62A8AB43U);
    CHECK(crc32c({}) == 0);
}

TEST_CASE("CRC-32C is the same by table, by instruction and in pieces") {
    CHECK(rc::check([](const std::string& first, const std::string& second) {
        const auto whole = first + second;
        const auto in_pieces = crc32c(as_bytes(second), crc32c(as_bytes(first)));
        RC_ASSERT(crc32c(as_bytes(whole)) == in_pieces);
        RC_ASSERT(crc32c_by_table(as_bytes(whole)) == in_pieces);
    }));
}
