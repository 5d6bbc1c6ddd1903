#include "base/core/utf8.h"

#include <doctest/doctest.h>

#include <string>

using namespace sallyport;

namespace {

// Sizes of what the text is cut into, upper bit set where it is not UTF-8.
std::string shape(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto point = front_code_point(text);
        out += point.value ? 'v' : 'x';
        out += std::to_string(point.size);
        text.remove_prefix(point.size);
    }
    return out;
}

}  // namespace

TEST_CASE("well-formed UTF-8 of each size") {
    CHECK(is_utf8(""));
    CHECK(is_utf8("a\u00e9\u20ac\U0001F600"));
    CHECK(shape("a\u00e9\u20ac\U0001F600") == "v1v2v3v4");
    CHECK(front_code_point("\u20ac").value == U'\u20ac');
    CHECK(front_code_point("\U0010FFFF").value == U'\U0010FFFF');
}

TEST_CASE("overlong forms, surrogates and what is above U+10FFFF are not UTF-8") {
    for (const std::string_view bad :
         {"\xc0\x80",
          "\xc1\xbf",
          "\xe0\x80\x80",
          "\xed\xa0\x80",
          "\xed\xbf\xbf",
          "\xf0\x80\x80\x80",
          "\xf4\x90\x80\x80",
          "\xf5\x80\x80\x80",
          "\xff",
          "\x80",
          "\xc3",
          "\xe2\x82",
          "a\xf0\x9f\x98"}) {
        CHECK_FALSE(is_utf8(bad));
    }
}

TEST_CASE("Unicode 15 table 3-8: an ill-formed sequence is replaced by its maximal subparts") {
    CHECK(shape("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64") == "v1x3x2x1v1x1v1x1x1v1");
}
