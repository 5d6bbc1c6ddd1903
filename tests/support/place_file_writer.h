#pragma once
// Place files for tests (MaxMind DB format specification 2.0): a tree of records of 24 bits over
// the bits of IPv6 addresses, then an entry for each country.

#include "base/core/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::test {

enum class PlaceLayout : std::uint8_t {
    nested,  // {"country": {"iso_code": "FR"}}
    flat,    // {"country_code": "FR"}
};

struct PlaceEntry {
    std::string address;  // one of the network's, "203.0.113.0"
    unsigned bits = 0;    // of its prefix
    std::string country;
};

// Networks must not overlap.
[[nodiscard]] Bytes place_file(
    const std::vector<PlaceEntry>& entries, PlaceLayout layout = PlaceLayout::nested
);

}  // namespace sallyport::test
