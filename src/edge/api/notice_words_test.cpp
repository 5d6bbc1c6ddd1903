#include "edge/api/notice_words.h"

#include "edge/api/pages/translation.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::api::test {

namespace {

// Every kind, from the first to the last.
constexpr int kinds = static_cast<int>(authn::NoticeKind::second_factor_due) + 1;

bool is_said_in_german(std::string_view words) {
    const auto first = words.find_first_not_of(' ');
    if (first == std::string_view::npos || words == ".") return true;
    const auto last = words.find_last_not_of(' ');
    return german(words.substr(first, last - first + 1)).has_value();
}

TEST_CASE("every kind of notice has words, in both languages") {
    for (int i = 0; i < kinds; ++i) {
        const auto kind = static_cast<authn::NoticeKind>(i);
        CAPTURE(authn::to_text(kind));
        const auto words = notice_words({.kind = kind, .subject = "Tablet", .written_at = {}});
        CHECK(words.text().size() > words.about.size() + 5);
        CHECK(is_said_in_german(words.before));
        CHECK(is_said_in_german(words.after));
    }
}

TEST_CASE("what a notice is about stays as it is, and can't become markup") {
    const authn::PersonNotice notice{
        .kind = authn::NoticeKind::authenticator_bound,
        .subject = "<b>was suspended.</b>",
        .written_at = {},
    };
    CHECK(notice_words(notice).text() == "“<b>was suspended.</b>” was added to your account.");
    CHECK(notice_words(notice).html().text().contains("&lt;b&gt;was suspended."));
}

}  // namespace

}  // namespace sallyport::api::test
