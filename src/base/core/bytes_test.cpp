#include "base/core/bytes.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

using namespace sallyport;

namespace {

using Pair = std::pair<std::string_view, std::string_view>;

std::string text_of(const Result<Bytes>& bytes) {
    return bytes ? std::string(as_text(*bytes)) : std::string(bytes.error().reason);
}

Bytes to_bytes(const std::vector<std::uint8_t>& numbers) {
    const auto view = std::as_bytes(std::span(numbers));
    return {view.begin(), view.end()};
}

// Whoever decodes has either refused the text or got bytes that are spelt exactly so.
template <class Decode, class Encode>
void check_one_spelling(Decode decode, Encode encode, const char* alphabet) {
    const bool held = rc::check([&] {
        const auto text =
            *rc::gen::container<std::string>(rc::gen::elementOf(std::string(alphabet)));
        const auto bytes = decode(text);
        if (bytes) RC_ASSERT(encode(*bytes) == text);
    });
    CHECK(held);
}

}  // namespace

TEST_CASE("RFC 4648 section 10: base64, base32 and hex of f, fo, foo, ...") {
    constexpr std::array<Pair, 7> base64 = {
        Pair{"", ""},
        Pair{"f", "Zg=="},
        Pair{"fo", "Zm8="},
        Pair{"foo", "Zm9v"},
        Pair{"foob", "Zm9vYg=="},
        Pair{"fooba", "Zm9vYmE="},
        Pair{"foobar", "Zm9vYmFy"},
    };
    for (const auto& [plain, spelt] : base64) {
        CHECK(to_base64(as_bytes(plain)) == spelt);
        CHECK(text_of(from_base64(spelt)) == plain);
    }
    constexpr std::array<Pair, 7> base32 = {
        Pair{"", ""},
        Pair{"f", "MY"},
        Pair{"fo", "MZXQ"},
        Pair{"foo", "MZXW6"},
        Pair{"foob", "MZXW6YQ"},
        Pair{"fooba", "MZXW6YTB"},
        Pair{"foobar", "MZXW6YTBOI"},
    };
    for (const auto& [plain, spelt] : base32) {
        CHECK(to_base32(as_bytes(plain)) == spelt);
    }
    CHECK(to_hex(as_bytes("foobar")) == "666f6f626172");
    CHECK(text_of(from_hex("666f6f626172")) == "foobar");
}

TEST_CASE("base64url uses - and _ and no padding") {
    const auto bytes = to_bytes({0xfb, 0xff, 0xfe});
    CHECK(to_base64(bytes) == "+//+");
    CHECK(to_base64url(bytes) == "-__-");
    CHECK(text_of(from_base64url("-__-")) == as_text(bytes));
    CHECK(text_of(from_base64url("Zg")) == "f");
    CHECK(text_of(from_base64url("Zg==")) == "base64.malformed");
    CHECK(text_of(from_base64url("+//+")) == "base64.malformed");
}

TEST_CASE("base64 has one spelling per value") {
    for (const std::string_view bad :
         {"Zg",
          "Zg=",
          "Zg===",
          "Zh==",
          "Zm9=",
          "Zm8",
          "Z",
          "====",
          "=",
          "Zm9v\n",
          " Zm9v",
          "Zm9v=",
          "Zg==Zg==",
          "Zm-v",
          "Zm9\0",
          "Zm9v===="}) {
        CHECK_MESSAGE(text_of(from_base64(bad)) == "base64.malformed", bad);
    }
    check_one_spelling(from_base64, to_base64, "ABgwQZ019+/=-_ ");
    check_one_spelling(from_base64url, to_base64url, "ABgwQZ019+/=-_ ");
}

TEST_CASE("hex is lower case and whole bytes") {
    for (const std::string_view bad : {"f", "0F", "0g", "0x00", " 00", "00 ", "0", "0\0"}) {
        CHECK_MESSAGE(text_of(from_hex(bad)) == "hex.malformed", bad);
    }
    check_one_spelling(from_hex, to_hex, "0129abfAFg ");
}

TEST_CASE("what was spelt is read back") {
    const bool held = rc::check([](const std::vector<std::uint8_t>& numbers) {
        const auto bytes = to_bytes(numbers);
        RC_ASSERT(from_hex(to_hex(bytes)).value() == bytes);
        RC_ASSERT(from_base64(to_base64(bytes)).value() == bytes);
        RC_ASSERT(from_base64url(to_base64url(bytes)).value() == bytes);
        RC_ASSERT(to_base32(bytes).size() == (bytes.size() * 8 + 4) / 5);
    });
    CHECK(held);
}

TEST_CASE("a reader gives big-endian values and refuses past the end, staying where it was") {
    const auto bytes = to_bytes({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17});
    ByteReader in(bytes);
    CHECK(in.u8().value() == 0x01);
    CHECK(in.u16().value() == 0x0203);
    CHECK(in.u32().value() == 0x04050607);
    CHECK(in.u64().value() == 0x08090a0b0c0d0e0fULL);
    CHECK(in.u32().error().reason == "bytes.truncated");
    CHECK(in.u64().error().reason == "bytes.truncated");
    CHECK(in.take(3).error().reason == "bytes.truncated");
    CHECK(in.left() == 2);
    CHECK(in.take(0).value().empty());
    CHECK(in.u16().value() == 0x1011);
    CHECK(in.u8().error().reason == "bytes.truncated");
}

TEST_CASE("a reader gives back what a writer took") {
    const bool held = rc::check([](std::uint8_t a,
                                   std::uint16_t b,
                                   std::uint32_t c,
                                   std::uint64_t d,
                                   const std::vector<std::uint8_t>& numbers) {
        const auto rest = to_bytes(numbers);
        ByteWriter out;
        out.u8(a);
        out.u16(b);
        out.u32(c);
        out.u64(d);
        out.put(rest);
        const auto written = std::move(out).take();
        ByteReader in(written);
        RC_ASSERT(in.u8().value() == a);
        RC_ASSERT(in.u16().value() == b);
        RC_ASSERT(in.u32().value() == c);
        RC_ASSERT(in.u64().value() == d);
        RC_ASSERT(std::ranges::equal(in.take(rest.size()).value(), rest));
        RC_ASSERT(in.left() == 0U);
    });
    CHECK(held);
}
