#include "domain/authn/webauthn/aaguid.h"

#include <doctest/doctest.h>

namespace sallyport::authn::webauthn {

namespace {

TEST_CASE("an AAGUID is written as FIDO's metadata writes it, and read back") {
    constexpr std::string_view text = "08987058-cadc-4b81-b6e1-30de50dcbe96";
    const auto aaguid = parse_aaguid(text).value();
    CHECK(to_hex(aaguid.bytes) == "08987058cadc4b81b6e130de50dcbe96");
    CHECK(to_text(aaguid) == text);
    CHECK(to_text(Aaguid{}) == "00000000-0000-0000-0000-000000000000");
}

TEST_CASE("another spelling is refused") {
    for (const auto* const text :
         {"",
          "08987058cadc4b81b6e130de50dcbe96",
          "08987058-cadc-4b81-b6e1-30de50dcbe9",
          "08987058-cadc-4b81-b6e1-30de50dcbe966",
          "08987058-cadc-4b81-b6e130-de50dcbe96",
          "08987058-cadc-4b81-b6e1-30de50dcbe9g",
          "{8987058-cadc-4b81-b6e1-30de50dcbe9}"}) {
        CAPTURE(text);
        const auto parsed = parse_aaguid(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().reason == "webauthn.aaguid");
    }
}

}  // namespace

}  // namespace sallyport::authn::webauthn
