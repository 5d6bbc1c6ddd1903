#include "domain/authn/push/push_statement.h"

#include "tests/support/browser_key.h"
#include "tests/support/signing_key.h"

#include "base/crypto/browser_key.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

namespace sallyport::authn {

namespace {

using namespace std::string_view_literals;

constexpr auto attempt = "01890a5d-ac96-774b-bcce-b302099a8057"sv;
constexpr auto origin = "https://sign-in.hospital.example"sv;
const std::string signature(86, 'A');

std::string_view reason(
    std::string_view id, std::string_view decision, std::string_view number, std::string_view sig
) {
    const auto parsed = parse_push_answer(id, decision, number, sig);
    return parsed ? "accepted" : parsed.error().reason;
}

PushAnswer answer(std::string_view decision, std::string_view number) {
    return parse_push_answer(attempt, decision, number, signature).value();
}

std::string hex_of(const PushAnswer& given, std::string_view from = origin) {
    return to_hex(push_answer_message(given, from));
}

TEST_CASE("L-05: there is no approval without a number of two digits") {
    CHECK(reason(attempt, "approve", "10", signature) == "accepted");
    CHECK(reason(attempt, "approve", "99", signature) == "accepted");
    for (const auto number : {""sv, "9"sv, "09"sv, "00"sv, "100"sv, "+9"sv, " 9"sv, "4x"sv}) {
        CAPTURE(number);
        CHECK(reason(attempt, "approve", number, signature) == "push.answer_malformed");
    }
}

TEST_CASE("an answer has an attempt, a decision and a signature, each spelt in one way") {
    CHECK(reason(attempt, "deny", "", signature) == "accepted");
    CHECK(reason(attempt, "report", "", signature) == "accepted");
    CHECK(reason(attempt, "deny", "42", signature) == "push.answer_malformed");
    CHECK(reason(attempt, "Approve", "42", signature) == "push.answer_malformed");
    CHECK(reason(attempt, "", "42", signature) == "push.answer_malformed");
    CHECK(reason("1", "deny", "", signature) == "push.answer_malformed");
    CHECK(reason(attempt, "deny", "", "") == "push.answer_malformed");
    CHECK(reason(attempt, "deny", "", signature + "A") == "push.answer_malformed");
    CHECK(reason(attempt, "deny", "", std::string(85, 'A')) == "push.answer_malformed");
    CHECK(reason(attempt, "deny", "", std::string(86, '=')) == "push.answer_malformed");
}

TEST_CASE("what a phone signs names its purpose, and no two answers are signed alike") {
    const auto message = push_answer_message(answer("approve", "42"), origin);
    const auto written = as_text(message);
    CHECK(
        written ==
        "\0\0\0\x18sallyport push answer v1"
        "\0\0\0\x24"
        "01890a5d-ac96-774b-bcce-b302099a8057"
        "\0\0\0\x07"
        "approve"
        "\0\0\0\x02"
        "42"
        "\0\0\0\x20https://sign-in.hospital.example"sv
    );
    const std::set<std::string> all = {
        hex_of(answer("approve", "42")),
        hex_of(answer("approve", "43")),
        hex_of(answer("deny", "")),
        hex_of(answer("report", "")),
        hex_of(answer("approve", "42"), "https://sign-in.hospital.example.evil.example"),
        to_hex(push_enrolment_message(
            AuthenticatorId::parse(attempt).value(), as_bytes("approve"), origin
        )),
    };
    CHECK(all.size() == 6);
}

TEST_CASE("a phone's key is a browser's, and its signature holds for its message only") {
    const test::BrowserKey phone;
    const auto key = read_phone_key(phone.spki());
    REQUIRE(key.has_value());
    const auto other_kind = read_phone_key(test::SigningKey(crypto::CoseAlgorithm::es384).spki());
    REQUIRE_FALSE(other_kind.has_value());
    CHECK(other_kind.error().reason == "push.key_malformed");

    const auto message = push_answer_message(answer("approve", "42"), origin);
    const auto signed_with = phone.sign(message);
    CHECK(crypto::is_signed_by(*key, message, signed_with));
    const auto other = push_answer_message(answer("approve", "43"), origin);
    CHECK_FALSE(crypto::is_signed_by(*key, other, signed_with));
}

}  // namespace

}  // namespace sallyport::authn
