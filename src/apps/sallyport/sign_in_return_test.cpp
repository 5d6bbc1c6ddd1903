#include "apps/sallyport/sign_in_return.h"

#include "base/core/bytes.h"

#include <doctest/doctest.h>

#include <span>
#include <string>

namespace sallyport::cli {

namespace {

const std::string code(43, 'A');
const std::string state = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

crypto::Secret secret(std::string text) {
    return crypto::Secret::take(std::as_writable_bytes(std::span(text.data(), text.size())));
}

TEST_CASE("the browser's way back is read, in either order") {
    for (const auto& target :
         {"/?code=" + code + "&state=" + state, "/?state=" + state + "&code=" + code}) {
        CAPTURE(target);
        const auto returned = parse_sign_in_return(target);
        REQUIRE(returned.has_value());
        CHECK(returned->code == code);
        CHECK(returned->state == state);
    }
}

TEST_CASE("anything else that a browser asks for is no way back") {
    const auto good = "code=" + code + "&state=" + state;
    for (const auto& target :
         {std::string(),
          std::string("/"),
          std::string("/?"),
          std::string("/favicon.ico"),
          std::string("*"),
          std::string(good),
          "/" + good,
          "//?" + good,
          "/x?" + good,
          "http://127.0.0.1:40000/?" + good,
          "/?code=" + code,
          "/?state=" + state,
          "/?" + good + "&code=" + code,
          "/?" + good + "&state=" + state,
          "/?" + good + "&more=1",
          "/?" + good + "&&",
          "/?" + good + "#x",
          "/?code=" + code.substr(1) + "&state=" + state,
          "/?code=" + code + "A&state=" + state,
          "/?code=%41" + code.substr(1) + "&state=" + state,
          "/?code=" + code.substr(1) + "+&state=" + state,
          "/?Code=" + code + "&state=" + state,
          std::string("/?code=&state="),
          "/?" + good + std::string(200, '&')}) {
        CAPTURE(target);
        CHECK_FALSE(parse_sign_in_return(target).has_value());
    }
}

TEST_CASE("an answer to something that was not asked here is told apart") {
    const auto mine = secret(state);
    CHECK(is_of({.code = code, .state = state}, mine));
    CHECK_FALSE(is_of({.code = code, .state = code}, mine));
    CHECK_FALSE(is_of({.code = code, .state = ""}, mine));
    CHECK_FALSE(is_of({.code = code, .state = state + "k"}, mine));
}

}  // namespace

}  // namespace sallyport::cli
