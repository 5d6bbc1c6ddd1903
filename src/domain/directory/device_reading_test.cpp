#include "domain/directory/device_reading.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace sallyport::directory {

namespace {

std::string value_or_reason(std::string_view json, std::string_view pointer) {
    auto value = value_at(json, pointer);
    return value ? *std::move(value) : std::string(value.error().reason);
}

constexpr std::string_view none = "device.reading_malformed";

// The document of RFC 6901 §5, with "" as a name kept.
constexpr std::string_view rfc_document = R"({
    "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5,
    "k\"l": 6, " ": 7, "m~n": 8
})";

TEST_CASE("a value is found at its pointer, as text (RFC 6901 §5)") {
    CHECK(value_or_reason(rfc_document, "/foo/0") == "bar");
    CHECK(value_or_reason(rfc_document, "/foo/1") == "baz");
    CHECK(value_or_reason(rfc_document, "/") == "0");
    CHECK(value_or_reason(rfc_document, "/a~1b") == "1");
    CHECK(value_or_reason(rfc_document, "/c%d") == "2");
    CHECK(value_or_reason(rfc_document, "/i\\j") == "5");
    CHECK(value_or_reason(rfc_document, "/k\"l") == "6");
    CHECK(value_or_reason(rfc_document, "/ ") == "7");
    CHECK(value_or_reason(rfc_document, "/m~0n") == "8");
    CHECK(value_or_reason(R"({"a":{"b":[{"c":false}]}})", "/a/b/0/c") == "false");
    CHECK(value_or_reason(R"({"rate":-12.50})", "/rate") == "-12.5");
}

TEST_CASE("what is not plainly there is not there") {
    CHECK(value_or_reason(rfc_document, "/foo") == none);     // a list
    CHECK(value_or_reason(rfc_document, "/foo/2") == none);   // past its end
    CHECK(value_or_reason(rfc_document, "/foo/00") == none);  // §4: no leading zeros
    CHECK(value_or_reason(rfc_document, "/foo/-") == none);   // past its end, too
    CHECK(value_or_reason(rfc_document, "/foo/-1") == none);
    CHECK(value_or_reason(rfc_document, "/foo/18446744073709551616") == none);
    CHECK(value_or_reason(rfc_document, "/foo/0/x") == none);
    CHECK(value_or_reason(rfc_document, "/bar") == none);
    CHECK(value_or_reason(R"({"a":null})", "/a") == none);
    CHECK(value_or_reason(R"({"a":{}})", "/a") == none);
    CHECK(value_or_reason(R"({"a":""})", "/a") == none);
    CHECK(value_or_reason(R"({"a":"x\ny"})", "/a") == none);
    CHECK(value_or_reason(R"({"a":"\u00e4"})", "/a") == none);
    CHECK(value_or_reason(R"({"a":1,"a":2})", "/a") == none);  // which one?
    CHECK(value_or_reason(R"(["x"])", "/0") == none);          // no object
    CHECK(value_or_reason("<html>SN-0007</html>", "/a") == none);
    CHECK(value_or_reason("", "/a") == none);
    CHECK(
        value_or_reason(R"({"a":")" + std::string(200, 'x') + "\"}", "/a") == std::string(200, 'x')
    );
    CHECK(value_or_reason(R"({"a":")" + std::string(201, 'x') + "\"}", "/a") == none);
    const auto padded = [](std::size_t size) {
        const std::string json = R"({"a":1})";
        return json + std::string(size - json.size(), ' ');
    };
    CHECK(value_or_reason(padded(reading_answer_size_max), "/a") == "1");
    CHECK(value_or_reason(padded(reading_answer_size_max + 1), "/a") == none);
}

TEST_CASE("a pointer begins with a slash and escapes tildes") {
    CHECK(is_pointer("/"));
    CHECK(is_pointer("/a/b~0c~1d"));
    CHECK_FALSE(is_pointer(""));
    CHECK_FALSE(is_pointer("a"));
    CHECK_FALSE(is_pointer("/a~"));
    CHECK_FALSE(is_pointer("/a~2"));
    CHECK(is_pointer("/" + std::string(199, 'a')));
    CHECK_FALSE(is_pointer("/" + std::string(200, 'a')));
}

TEST_CASE("only what the profile names is stopped") {
    const TherapyRule rule{{"/status", "/running"}, {"false", "standby"}};
    CHECK(is_stopped(rule, "false"));
    CHECK(is_stopped(rule, "standby"));
    CHECK_FALSE(is_stopped(rule, "true"));
    CHECK_FALSE(is_stopped(rule, "False"));
    CHECK_FALSE(is_stopped(rule, ""));
}

}  // namespace

}  // namespace sallyport::directory
