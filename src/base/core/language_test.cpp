#include "base/core/language.h"

#include <doctest/doctest.h>

namespace sallyport {

TEST_CASE("a language is known by its tag in any case, and by nothing else") {
    CHECK(language_by_tag("en") == Language::english);
    CHECK(language_by_tag("DE") == Language::german);
    for (const auto* other : {"", "d", "deu", "de-AT", "fr", "de "}) {
        CAPTURE(other);
        CHECK_FALSE(language_by_tag(other));
    }
    for (const auto language : {Language::english, Language::german}) {
        CHECK(language_by_tag(language_tag(language)) == language);
    }
}

}  // namespace sallyport
