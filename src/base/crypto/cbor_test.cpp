#include "base/crypto/cbor.h"

#include "tests/support/cbor_writer.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

namespace sallyport::crypto {

namespace {

Bytes hex(std::string_view text) {
    return from_hex(text).value();
}

std::string_view reason(const Bytes& encoded, const CborLimits& limits = {}) {
    const auto parsed = parse_cbor(encoded, limits);
    return parsed ? "accepted" : parsed.error().reason;
}

TEST_CASE("RFC 8949 appendix A: the kinds that are read come out") {
    CHECK(parse_cbor(hex("00"))->integer() == 0);
    CHECK(parse_cbor(hex("1903e8"))->integer() == 1000);
    CHECK(parse_cbor(hex("1b7fffffffffffffff"))->integer() == INT64_MAX);
    CHECK(parse_cbor(hex("3903e7"))->integer() == -1000);
    CHECK(parse_cbor(hex("3b7fffffffffffffff"))->integer() == INT64_MIN);
    CHECK(parse_cbor(hex("f4"))->boolean() == false);
    CHECK(parse_cbor(hex("f5"))->boolean() == true);
    CHECK(to_hex(*parse_cbor(hex("4401020304"))->bytes()) == "01020304");
    CHECK(parse_cbor(hex("62c3bc"))->text() == "ü");
    CHECK_FALSE(parse_cbor(hex("f6"))->integer().has_value());  // null
    const auto array = hex("8301820203820405");
    CHECK(parse_cbor(array)->items().at(1).items().at(0).integer() == 2);
    const auto map = hex("a26161016162820203");
    CHECK(parse_cbor(map)->find("a")->integer() == 1);
    CHECK(parse_cbor(map)->find("b")->items().size() == 2);
    CHECK(parse_cbor(map)->find("c") == nullptr);
}

TEST_CASE("a value is of one kind only") {
    const auto encoded = hex("6161");
    const auto text = parse_cbor(encoded).value();
    CHECK_FALSE(text.bytes().has_value());
    CHECK_FALSE(text.boolean().has_value());
    CHECK_FALSE(text.is_map());
    CHECK(text.find("a") == nullptr);
    const auto one = hex("01");
    CHECK_FALSE(parse_cbor(one)->boolean().has_value());
    const auto bytes = hex("4161");
    CHECK_FALSE(parse_cbor(bytes)->text().has_value());
}

TEST_CASE("what WebAuthn has no use for, and what is cut off, is refused") {
    for (const auto* const text : {
             "",                            // nothing
             "0000",                        // something after it
             "18",                          // cut in the head
             "42aa",                        // cut in the bytes
             "8201",                        // cut in the array
             "a101",                        // a key without a value
             "5f42010243030405ff",          // bytes in pieces
             "7f657374726561646d696e67ff",  // text in pieces
             "9f01ff",                      // an array without a length
             "bf616101ff",                  // a map without a length
             "ff",                          // the end of one
             "c11a514b67b0",                // a tag
             "f90000",                      // floats
             "fa47c35000",
             "fb3ff199999999999a",
             "f7",  // undefined
             "f0",  // simple values
             "f818",
             "1c",                  // reserved lengths
             "1bffffffffffffffff",  // above 63 bits
             "3bffffffffffffffff",
             "62fffe",  // no UTF-8
             "a162fffe01",
             "a2616101616102",  // a key twice
             "a201010102",
             "a201011900010102",  // and in two spellings
             "a1f501",            // keys that are neither integer nor text
             "a1410101",
             "a1800101",
         }) {
        CAPTURE(text);
        const auto why = reason(hex(text));
        CHECK((why == "cbor.malformed" || why == "cbor.too_large"));
    }
}

TEST_CASE("the bounds hold: bytes, depth, items, and counts that lie") {
    const CborLimits limits{.size_max = 10, .depth_max = 2, .items_max = 4};
    CHECK(
        reason(
            hex("4900112233445566"
                "7788"),
            limits
        ) == "accepted"
    );
    CHECK(
        reason(
            hex("4a0011223344556677"
                "8899"),
            limits
        ) == "cbor.too_large"
    );
    CHECK(reason(hex("818101"), limits) == "accepted");
    CHECK(reason(hex("81818101"), limits) == "cbor.too_large");
    CHECK(reason(hex("83010203"), limits) == "accepted");
    CHECK(reason(hex("8401020304"), limits) == "cbor.too_large");
    CHECK(
        reason(
            hex("a20102"
                "0304"),
            limits
        ) == "cbor.too_large"
    );  // keys count
    CHECK(reason(hex("9b0000000100000000"), {}) == "cbor.too_large");
    CHECK(reason(hex("bb7fffffffffffffff"), {}) == "cbor.too_large");
    CHECK(reason(Bytes(5000, std::byte{0x81}), {}) == "cbor.too_large");
}

TEST_CASE("the front of something longer says how long it is") {
    const auto encoded = hex("a1010243aabbcc");
    const auto front = parse_cbor_front(encoded).value();
    CHECK(front.size == 3);
    CHECK(front.value.find(std::int64_t{1})->integer() == 2);
    CHECK(reason(encoded) == "cbor.malformed");
}

TEST_CASE("what a writer wrote is read back") {
    const bool holds = rc::check([](std::int64_t number, const std::string& raw) {
        namespace cbor = test::cbor;
        const auto encoded = cbor::map(
            {{cbor::integer(1), cbor::integer(number)},
             {cbor::text("b"), cbor::array({cbor::bytes(as_bytes(raw)), cbor::integer(-1)})}}
        );
        const auto value = parse_cbor(encoded).value();
        RC_ASSERT(value.find(std::int64_t{1})->integer() == number);
        const auto& array = value.find("b")->items();
        RC_ASSERT(as_text(*array.at(0).bytes()) == raw);
        RC_ASSERT(array.at(1).integer() == -1);
        // No front of it is whole.
        for (std::size_t size = 0; size < encoded.size(); ++size) {
            RC_ASSERT(!parse_cbor(BytesView(encoded).first(size)).has_value());
        }
    });
    CHECK(holds);
}

}  // namespace

}  // namespace sallyport::crypto
