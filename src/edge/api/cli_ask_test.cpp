#include "edge/api/cli_ask.h"

#include "base/core/bytes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace sallyport::api {

namespace {

const std::string challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const std::string state(43, 'A');

TEST_CASE("what a program on this computer asks is read") {
    const auto ask = parse_cli_ask("40000", challenge, state);
    REQUIRE(ask.has_value());
    CHECK(ask->port == 40000);
    CHECK(to_base64url(ask->challenge) == challenge);
    CHECK(ask->state == state);
    CHECK(cli_return_address(*ask, "c0de") == "http://127.0.0.1:40000/?code=c0de&state=" + state);
    CHECK(parse_cli_ask("1024", challenge, state).has_value());
    CHECK(parse_cli_ask("65535", challenge, state).has_value());
}

TEST_CASE("a port that no program of a person listens on, or that is none, is refused") {
    for (const auto* const port :
         {"",
          "0",
          "80",
          "443",
          "1023",
          "65536",
          "99999999999999999999",
          "-1",
          "+40000",
          " 40000",
          "40000 ",
          "040000",
          "0x9c40",
          "40000/",
          "40000@evil.example",
          "4e4"}) {
        CAPTURE(port);
        CHECK_FALSE(parse_cli_ask(port, challenge, state).has_value());
    }
}

TEST_CASE("challenge and state are 43 characters of base64url, or the address is not ours") {
    for (const auto& word :
         {std::string(),
          std::string(42, 'A'),
          std::string(44, 'A'),
          std::string(42, 'A') + "=",
          std::string(42, 'A') + "+",
          std::string(42, 'A') + "&",
          std::string(42, 'A') + "\"",
          std::string(42, 'A') + "B"}) {
        CAPTURE(word);
        CHECK_FALSE(parse_cli_ask("40000", word, state).has_value());
        CHECK_FALSE(parse_cli_ask("40000", challenge, word).has_value());
    }
}

}  // namespace

}  // namespace sallyport::api
