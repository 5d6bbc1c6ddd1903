#include "domain/policy/places.h"

#include "tests/support/place_file_writer.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sallyport::policy {

namespace {

using test::PlaceLayout;

Bytes three_countries(PlaceLayout layout = PlaceLayout::nested) {
    return test::place_file(
        {{.address = "203.0.113.0", .bits = 24, .country = "FR"},
         {.address = "198.51.100.128", .bits = 25, .country = "DE"},
         {.address = "2001:db8::", .bits = 32, .country = "AT"},
         {.address = "10.0.0.0", .bits = 8, .country = "US"}},
        layout
    );
}

std::shared_ptr<const PlaceFile> opened(BytesView bytes) {
    auto file = PlaceFile::open(bytes);
    REQUIRE(file.has_value());
    return std::make_shared<const PlaceFile>(*std::move(file));
}

TEST_CASE("a place file says the country of an address, in either layout") {
    for (const auto layout : {PlaceLayout::nested, PlaceLayout::flat}) {
        Places places;
        CHECK(places.country_of("203.0.113.7").empty());
        places.use(opened(three_countries(layout)));
        CHECK(places.country_of("203.0.113.0") == "FR");
        CHECK(places.country_of("203.0.113.255") == "FR");
        CHECK(places.country_of("::ffff:203.0.113.7") == "FR");
        CHECK(places.country_of("198.51.100.200") == "DE");
        CHECK(places.country_of("2001:db8:1::5") == "AT");
        places.use(nullptr);
        CHECK(places.country_of("203.0.113.7").empty());
    }
}

TEST_CASE("an address that the file does not know, or of no country, is of an unknown place") {
    Places places;
    places.use(opened(three_countries()));
    for (const auto* const address :
         {"203.0.114.1",
          "198.51.100.1",
          "2001:db9::1",
          "10.3.0.5",  // private, although this file names it
          "::ffff:10.3.0.5",
          "127.0.0.1",
          "::1",
          "fd00::1",
          "fe80::1",
          "local",
          ""}) {
        CAPTURE(address);
        CHECK(places.country_of(address).empty());
    }
}

TEST_CASE("what is no country's code is not taken for one") {
    for (const auto* const text : {"FRA", "fr", "F", "", "F1", "F\xc3"}) {
        const auto file =
            opened(test::place_file({{.address = "203.0.113.0", .bits = 24, .country = text}}));
        CHECK(file->country_of(parse_ip_address("203.0.113.7").value()).empty());
    }
}

TEST_CASE("what is no place file is refused") {
    auto whole = three_countries();
    CHECK(PlaceFile::open(Bytes{}).error().reason == "place_file.malformed");
    CHECK(PlaceFile::open(as_bytes("203.0.113.0/24 FR")).error().reason == "place_file.malformed");
    // The metadata is at the end.
    for (const std::size_t kept : {whole.size() - 60, whole.size() / 2}) {
        const auto cut = PlaceFile::open(BytesView(whole).first(kept));
        REQUIRE_FALSE(cut.has_value());
        CHECK(cut.error().reason == "place_file.malformed");
    }
    const Bytes cut_front(whole.end() - 200, whole.end());
    CHECK_FALSE(PlaceFile::open(cut_front).has_value());
}

// With these four bytes as the number of nodes that the file says it has.
Bytes with_node_count(std::uint32_t count) {
    constexpr std::string_view key = "node_count\xc4";  // four bytes follow
    auto file = three_countries();
    const auto at = as_text(file).find(key);
    REQUIRE(at != std::string_view::npos);
    ByteWriter written;
    written.u32(count);
    std::ranges::copy(written.bytes(), file.begin() + static_cast<std::ptrdiff_t>(at + key.size()));
    return file;
}

TEST_CASE(
    "a place file that has fewer nodes than it says is refused, before the library counts them"
) {
    const auto size = three_countries().size();
    const auto tree_max = static_cast<std::uint32_t>(size / 6);  // two records of 24 bits a node
    for (const auto count : {tree_max, 0x2aaa'aaabU, 0x8000'0000U, 0xffff'ffffU}) {
        CAPTURE(count);
        const auto file = PlaceFile::open(with_node_count(count));
        REQUIRE_FALSE(file.has_value());
        CHECK(file.error().reason == "place_file.malformed");
    }
}

TEST_CASE("a damaged place file is refused, or answers with a country's code or nothing") {
    const auto whole = three_countries();
    const bool holds = rc::check([&] {
        auto damaged = whole;
        const auto at = *rc::gen::inRange<std::size_t>(0, damaged.size());
        damaged[at] = *rc::gen::map(rc::gen::inRange(0, 256), [](int value) {
            return static_cast<std::byte>(value);
        });
        const auto file = PlaceFile::open(damaged);
        if (!file) return;
        for (const auto* const address : {"203.0.113.7", "198.51.100.200", "2001:db8::1"}) {
            const auto country = file->country_of(parse_ip_address(address).value());
            RC_ASSERT(country.empty() || country.size() == 2);
        }
    });
    CHECK(holds);
}

}  // namespace

}  // namespace sallyport::policy
