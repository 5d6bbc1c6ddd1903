#include "domain/audit/canonical_json.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace sallyport::audit {

namespace {

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

}  // namespace

TEST_CASE("a string is written with the escapes of RFC 8785 and no others") {
    CHECK(quoted("a/b") == R"("a/b")");
    CHECK(quoted("\"\\\b\f\n\r\t") == R"("\"\\\b\f\n\r\t")");
    CHECK(quoted("\x01\x1F\x7F") == "\"\\u0001\\u001f\x7F\"");
    CHECK(quoted("Grüße €") == "\"Grüße €\"");
}

TEST_CASE("whatever a caller sends becomes valid text that reads back the same") {
    const bool holds = rc::check([] {
        const auto raw = *rc::gen::arbitrary<std::string>();
        const auto size_max = static_cast<std::size_t>(*rc::gen::inRange(0, 40));
        const auto clean = clean_text(raw, size_max);
        RC_ASSERT(clean.text.size() <= size_max);

        const auto literal = quoted(clean.text);
        JsonScanner scanner(literal);
        RC_ASSERT(scanner.string() == clean.text);
        RC_ASSERT(scanner.finished());
    });
    CHECK(holds);
}

TEST_CASE("text is cut between characters, and what is no UTF-8 becomes U+FFFD") {
    const auto cut = clean_text("aé", 2);
    CHECK(cut.text == "a");
    CHECK(cut.cut);
    CHECK_FALSE(cut.replaced);

    // An overlong slash, a surrogate, a lone continuation byte, a NUL.
    for (const std::string bad :
         {"\xC0\xAF", "\xED\xA0\x80", "\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
        const auto clean = clean_text(bad + "z", 100);
        CHECK(clean.replaced);
        CHECK(clean.text.starts_with("\xEF\xBF\xBD"));
        CHECK(clean.text.ends_with("z"));
    }
    CHECK(
        clean_text(std::string_view("a\0b", 3), 10).text ==
        "a\xEF\xBF\xBD"
        "b"
    );
}

TEST_CASE("the reader takes one spelling of each value") {
    const std::vector<std::string> refused{
        "\"\\u0041\"",
        "\"\\u000a\"",
        "\"\\u001F\"",
        "\"\\/\"",
        "\"\\u0000\"",
        "\"\xC0\xAF\"",
        "\"a",
        "\"a\nb\"",
        "\"\\",
        "\"\\u00",
        ""
    };
    for (const auto& text : refused) {
        CAPTURE(text);
        JsonScanner scanner(text);
        static_cast<void>(scanner.string());
        CHECK_FALSE(scanner.finished());
    }
    for (const std::string text : {"01", "-0", "+1", "1.0", "1e3", "9007199254740992", "", "-"}) {
        CAPTURE(text);
        JsonScanner scanner(text);
        static_cast<void>(scanner.integer());
        CHECK_FALSE(scanner.finished());
    }
    JsonScanner largest("-9007199254740991");
    CHECK(largest.integer() == -json_integer_max);
    CHECK(largest.finished());
}

TEST_CASE("an object's keys ascend, each once") {
    const auto reads = [](std::string_view text) {
        JsonScanner scanner(text);
        scanner.object([&](std::string_view) { static_cast<void>(scanner.integer()); });
        return scanner.finished();
    };
    CHECK(reads("{}"));
    CHECK(reads(R"({"a":1,"b":2})"));
    CHECK_FALSE(reads(R"({"b":1,"a":2})"));
    CHECK_FALSE(reads(R"({"a":1,"a":2})"));
    CHECK_FALSE(reads(R"({"a":1,})"));
    CHECK_FALSE(reads(R"({"a": 1})"));
    CHECK_FALSE(reads(R"({"a":1})"
                      " "));
    CHECK_FALSE(reads(R"({"a":1)"));
}

}  // namespace sallyport::audit
