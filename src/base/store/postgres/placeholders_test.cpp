#include "base/store/postgres/placeholders.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace sallyport::store::postgres {

TEST_CASE("placeholders get their numbers, and quoted text and comments stay as they are") {
    const auto text = [](std::string_view sql) { return numbered_placeholders(sql).text; };
    CHECK(text("") == "");
    CHECK(text("SELECT 1") == "SELECT 1");
    CHECK(text("a = ? AND b IN (?, ?)") == "a = $1 AND b IN ($2, $3)");
    CHECK(text("'what?' || ?") == "'what?' || $1");
    CHECK(text("'it''s?' || ?") == "'it''s?' || $1");
    CHECK(text("\"odd?\" = ?") == "\"odd?\" = $1");
    CHECK(text("? -- why?\n+ ?") == "$1 -- why?\n+ $2");
    CHECK(text("? /* ? */ ?") == "$1 /* ? */ $2");
    CHECK(text("a - ? / ?") == "a - $1 / $2");
    CHECK(text("'never closed ?") == "'never closed ?");
    CHECK(numbered_placeholders("'?' ? ?").placeholders == 2);
}

TEST_CASE("numbering keeps everything but the placeholders, whatever the text") {
    CHECK(rc::check("numbers can be taken out again", [] {
        // Of the characters that mean something, so that they meet often.
        const auto sql = *rc::gen::container<std::string>(
            rc::gen::element('?', '\'', '"', '-', '/', '*', '\n', 'a')
        );
        const auto numbered = numbered_placeholders(sql);
        RC_ASSERT(numbered.text.size() >= sql.size());
        std::string back = numbered.text;
        for (int number = numbered.placeholders; number > 0; --number) {
            const auto written = "$" + std::to_string(number);
            const auto at = back.rfind(written);
            RC_ASSERT(at != std::string::npos);
            back.replace(at, written.size(), "?");
        }
        RC_ASSERT(back == sql);
    }));
}

}  // namespace sallyport::store::postgres
