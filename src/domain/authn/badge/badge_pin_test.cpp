#include "domain/authn/badge/badge_pin.h"

#include "tests/support/people.h"

#include "domain/authn/context.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::authn {

namespace {

std::string tried(std::string_view pin) {
    const auto checked = check_new_badge_pin(test::secret(pin));
    return checked ? "ok" : std::string(checked.error().reason);
}

TEST_CASE("S1-18: a PIN has six digits or more") {
    CHECK(tried("27491") == "badge.pin_malformed");
    CHECK(tried("274916") == "ok");
    CHECK(tried("274916038511") == "ok");
    CHECK(tried("2749160385112") == "badge.pin_malformed");
    CHECK(tried("27491a") == "badge.pin_malformed");
    CHECK(tried("274 916") == "badge.pin_malformed");
    CHECK(tried("") == "badge.pin_malformed");
    CHECK(tried("\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4") == "badge.pin_malformed");
}

TEST_CASE("a PIN is none of those that are tried first") {
    for (const auto* const pin :
         {"000000", "777777", "123456", "654321", "890123", "135791", "121212", "123123", "01230123"
         }) {
        CAPTURE(pin);
        CHECK(tried(pin) == "badge.pin_guessable");
    }
    CHECK(tried("123457") == "ok");
    CHECK(tried("1212121") == "ok");
}

TEST_CASE("a PIN costs what a ward can wait for, whatever passphrases cost") {
    const keys::KeyRing keys(crypto::Secret::random(32));
    const auto kept = make_pin_verifier(keys, test::secret("274916"));
    CHECK(kept.contains("m=19456,t=2,p=1"));
    CHECK_FALSE(kept.contains("274916"));

    const auto context = make_context(keys, {.memory_bytes = 24U << 20, .passes = 3});
    CHECK(answer(context, {kept}, test::secret("274916")).correct);
    CHECK_FALSE(answer(context, {kept}, test::secret("274917")).correct);
    const keys::KeyRing others(crypto::Secret::random(32));
    const auto elsewhere = make_context(others, {});
    CHECK_FALSE(answer(elsewhere, {kept}, test::secret("274916")).correct);
}

}  // namespace

}  // namespace sallyport::authn
