#include "edge/api/pages/translation.h"

#include "edge/api/pages/german.h"
#include "edge/api/pages/html.h"
#include "edge/api/pages/layout.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace sallyport::api {

namespace {

std::string in_german(const Html& html) {
    return in_language(html.text(), Language::german, "%2Fhere");
}

TEST_CASE("what is ours is said in German, whole texts at a time, and the markup stays") {
    const Html button("<p>\n<button name=\"Sign in\">Sign in</button> </p>");
    CHECK(in_german(button) == "<p>\n<button name=\"Sign in\">Anmelden</button> </p>");
    CHECK(
        in_language(button.text(), Language::english, "") ==
        "<p>\n<button name=\"Sign in\">Sign in</button> </p>"
    );
}

TEST_CASE("what is not ours keeps its words, even where they are the same as ours") {
    const std::string device = "Passphrase";
    CHECK(in_german(Html("<td>", device, "</td>")) == "<td>Passphrase</td>");
    const std::string named = "Sign in";
    CHECK(in_german(Html("<td>", named, "</td>")) == "<td>Sign in</td>");
    CHECK(in_german(Html("<td>", Text(named), "</td>")) == "<td>Sign in</td>");
    CHECK(in_german(Html("<td>", Text::ours(named), "</td>")) == "<td>Anmelden</td>");
    CHECK(in_german(Html("<td>", Text("Sign in"), "</td>")) == "<td>Anmelden</td>");
    // An apostrophe is escaped in a label, and not in markup.
    const auto found = german("That PIN can't be used.");
    REQUIRE(found.has_value());
    CHECK(in_german(Html(Text("That PIN can't be used."))) == *found);
    CHECK(in_german(Html("That PIN can't be used.")) == *found);
}

TEST_CASE("nobody brings marks into a page from outside") {
    const std::string hostile = "\x01Sign in\x02 \x03<b>";
    const Html html("<p title=\"", hostile, "\">", hostile, "</p>");
    CHECK(in_german(html) == "<p title=\"Sign in &lt;b&gt;\">Sign in &lt;b&gt;</p>");
    CHECK(html.text().find("\x01Sign") == std::string::npos);
}

TEST_CASE("labels that are read aloud are translated, other attributes are not") {
    const Html nav("<nav aria-label=\"Main\" title=\"Main\"></nav>");
    CHECK(in_german(nav) == "<nav aria-label=\"Hauptmenü\" title=\"Main\"></nav>");
}

TEST_CASE("what nobody translated stays English, and an unfinished tag does no harm") {
    CHECK(in_german(Html("<p>Qwertz uiop</p>")) == "<p>Qwertz uiop</p>");
    CHECK(in_german(Html("<p>Sign in</p><a href=")) == "<p>Anmelden</p><a href=");
    CHECK(in_german(Html("Sign in")) == "Anmelden");
    CHECK(in_german(Html()).empty());
}

TEST_CASE("a page says its language, and leads back to where it is seen in the other") {
    const auto written = page("Sign in", Html("<p>Continue</p>"));
    const auto german_page = in_language(written, Language::german, "%2Fsign-in%3Fnext%3D%2F");
    CHECK(german_page.find("<html lang=\"de\">") != std::string::npos);
    CHECK(german_page.find("<h1>Anmelden</h1>") != std::string::npos);
    CHECK(german_page.find("to=en&amp;next=%2Fsign-in%3Fnext%3D%2F\"") != std::string::npos);
    const auto english_page = in_language(written, Language::english, "%2F");
    CHECK(english_page.find("<html lang=\"en\">") != std::string::npos);
    for (const char mark : {ours_begin, ours_end, address_mark}) {
        CHECK(german_page.find(mark) == std::string::npos);
        CHECK(english_page.find(mark) == std::string::npos);
    }
}

TEST_CASE("no wording is there twice, empty, or holds markup that its English has not") {
    std::set<std::string_view> seen;
    for (const auto& wordings : {german_of_pages(), german_of_refusals()}) {
        for (const auto& [english, translated] : wordings) {
            CAPTURE(english);
            CHECK(seen.insert(english).second);
            CHECK_FALSE(translated.empty());
            CHECK(translated.find_first_of("<>&\"\x01\x02\x03") == std::string_view::npos);
            CHECK(english.find_first_of("<>\x01\x02\x03") == std::string_view::npos);
        }
    }
}

}  // namespace

}  // namespace sallyport::api
