#include "domain/session/handoff_proof.h"

#include "tests/support/browser_key.h"

#include "base/crypto/browser_key.h"

#include <doctest/doctest.h>

#include <array>
#include <set>
#include <string>
#include <string_view>

namespace sallyport::session {

namespace {

using namespace std::string_view_literals;

const std::string challenge(64, 'A');
const std::string signature(86, 'A');
constexpr auto origin = "https://sallyport.example.org"sv;

std::string_view reason(std::string_view asked, std::string_view signed_with) {
    const auto proof = parse_handoff_proof(asked, signed_with);
    return proof ? "accepted" : proof.error().reason;
}

TEST_CASE("a proof is a challenge and a signature of 64 bytes, each spelt in one way") {
    CHECK(reason(challenge, signature) == "accepted");
    for (const auto& wrong :
         {std::string(),
          std::string(challenge_text_size_max + 1, 'A'),
          std::string(63, 'A') + "=",
          std::string(62, 'A') + "+A",
          std::string(61, 'A')}) {
        CAPTURE(wrong);
        CHECK(reason(wrong, signature) == "handoff.proof_malformed");
    }
    for (const auto& wrong :
         {std::string(),
          std::string(85, 'A'),
          std::string(87, 'A'),
          std::string(86, '='),
          std::string(85, 'A') + "B",  // bits that no byte has
          std::string(96, 'A')}) {     // DER would be longer
        CAPTURE(wrong);
        CHECK(reason(challenge, wrong) == "handoff.proof_malformed");
    }
}

TEST_CASE("what is signed is as docs/protocols/handoff.md has it, and unlike for any other target"
) {
    const HandoffTarget pump{.host = "pump-07.gate.example.net", .nonce_digest = {}};
    const std::array challenge_bytes{std::byte{1}, std::byte{2}, std::byte{3}};
    const auto said = handoff_statement(challenge_bytes, pump, origin);
    CHECK(
        as_text(said) ==
        "\0\0\0\x14sallyport handoff v1"
        "\0\0\0\x04"
        "AQID"
        "\0\0\0\x18pump-07.gate.example.net"
        "\0\0\0\x2b"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "\0\0\0\x1dhttps://sallyport.example.org"sv
    );
    auto other_nonce = pump;
    other_nonce.nonce_digest.back() = std::byte{1};
    auto other_host = pump;
    other_host.host = "pump-08.gate.example.net";
    const std::array other_challenge{std::byte{1}, std::byte{2}, std::byte{4}};
    const std::set<std::string> all = {
        to_hex(said),
        to_hex(handoff_statement(other_challenge, pump, origin)),
        to_hex(handoff_statement(challenge_bytes, other_nonce, origin)),
        to_hex(handoff_statement(challenge_bytes, other_host, origin)),
        to_hex(handoff_statement(challenge_bytes, pump, "https://sallyport.example.org:8443")),
    };
    CHECK(all.size() == 5);
}

TEST_CASE("a signature for one target is none for another") {
    const test::BrowserKey browser;
    const auto key = crypto::read_browser_key(browser.spki()).value();
    HandoffAsked asked{
        .target = {.host = "pump-07.gate.example.net", .nonce_digest = {}},
        .proof = {.challenge = Bytes(48), .signature = {}},
    };
    asked.proof.signature =
        browser.sign(handoff_statement(asked.proof.challenge, asked.target, origin));
    CHECK(is_handoff_signed(key, asked, origin));
    CHECK_FALSE(is_handoff_signed(key, asked, "https://sallyport.example.org.evil.example"));
    auto moved = asked;
    moved.target.host = "pump-08.gate.example.net";
    CHECK_FALSE(is_handoff_signed(key, moved, origin));
    auto other = asked;
    other.proof.challenge.back() = std::byte{1};
    CHECK_FALSE(is_handoff_signed(key, other, origin));
}

}  // namespace

}  // namespace sallyport::session
