#include "domain/authn/badge/badge_uid.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::authn {

namespace {

std::string tried(std::string_view hex) {
    const auto uid = parse_badge_uid(hex);
    return uid ? "ok" : std::string(uid.error().reason);
}

TEST_CASE("a card's number has one of the three sizes of ISO 14443-3") {
    CHECK(tried("11223344") == "ok");
    CHECK(tried("04a1b2c3d4e5f6") == "ok");
    CHECK(tried("04a1b2c3d4e5f6071829") == "ok");
    for (const auto* const hex :
         {"", "11", "112233", "1122334455", "04a1b2c3d4e5f60718", "1122334"}) {
        CAPTURE(hex);
        CHECK(tried(hex) == "badge.uid_malformed");
    }
    CHECK(tried("04a1b2c3d4e5f607182930") == "badge.uid_malformed");
    CHECK(tried("1122334g") == "badge.uid_malformed");
    CHECK(tried("00000000") == "badge.uid_malformed");
    CHECK(tried("ffffffffffffff") == "badge.uid_malformed");
}

TEST_CASE("a number that is made anew each time is nobody's badge") {
    CHECK(tried("08a1b2c3") == "badge.uid_random");
    CHECK(tried("08a1b2c3d4e5f6") == "ok");  // only four bytes are marked so
}

}  // namespace

}  // namespace sallyport::authn
