#include "domain/authn/breach_line.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::authn {

namespace {

const std::string hash = "21BD12DC183F740EE76F27B78EB39C8AD972A757";

std::string verdict(std::string_view line) {
    const auto read = parse_breach_line(line);
    return read ? "ok" : std::string(read.error().reason);
}

TEST_CASE("a line of the download is a hash, a colon and a count") {
    const auto read = parse_breach_line(hash + ":52579");
    REQUIRE(read.has_value());
    CHECK(read->key == 0x21BD12DC183F740EU);
    CHECK(read->count == 52'579);

    CHECK(parse_breach_line(hash + ":1\r")->count == 1);
    CHECK(parse_breach_line("21bd12dc183f740ee76f27b78eb39c8ad972a757:1")->key == read->key);
    CHECK(parse_breach_line(hash + ":0")->count == 0);
}

TEST_CASE("anything else is refused") {
    for (const auto& line :
         {std::string(),
          std::string(":"),
          std::string("\r"),
          hash,
          hash + ":",
          hash + ":-1",
          hash + ":1 ",
          hash + ":1x",
          hash + ":99999999999999999999",
          hash + "0:1",
          hash.substr(1) + ":1",
          " " + hash + ":1",
          "G" + hash.substr(1) + ":1",
          hash.substr(0, 39) + "x:1",
          hash + ":" + std::string(100, '0') + "1",
          std::string(200, 'A')}) {
        CAPTURE(line);
        CHECK(verdict(line) == "breach_list.malformed_line");
    }
}

TEST_CASE("a list of NTLM hashes is told apart") {
    CHECK(verdict("8846F7EAEE8FB117AD06BDD830B7586C:1") == "breach_list.ntlm_hash");
}

}  // namespace

}  // namespace sallyport::authn
