#include "apps/sallyport/badge/piv_answer.h"

#include "apps/sallyport/badge/card_answer.h"
#include "apps/sallyport/badge/piv_card.h"
#include "tests/support/certificates.h"

#include "base/crypto/crypto.h"
#include "domain/authn/badge/card_proof.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::cli {

namespace {

std::string certificate_of(const std::string& hex) {
    const auto found = parse_piv_certificate(from_hex(hex).value());
    return found ? to_hex(*found) : std::string(found.error().reason);
}

std::string signature_of(const std::string& hex) {
    const auto found = parse_piv_signature(from_hex(hex).value());
    return found ? to_hex(*found) : std::string(found.error().reason);
}

std::string repeated(std::size_t bytes, std::string_view hex = "aa") {
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i)
        text += hex;
    return text;
}

TEST_CASE("a certificate is what stands under 70 in the object, also with lengths that are long") {
    CHECK(certificate_of("53097002aabb710100fe00") == "aabb");
    CHECK(
        certificate_of("53820009"
                       "7002aabb710100fe00") == "aabb"
    );
    CHECK(
        certificate_of("530a"
                       "718101007081"
                       "02aabb") == "card.answer_malformed"
    );
    CHECK(
        certificate_of("53097103"
                       "007002aabbfe00") == "card.answer_malformed"
    );
    CHECK(certificate_of("53097002aabb710101fe00") == "card.certificate_compressed");
    CHECK(certificate_of("") == "card.answer_malformed");
    CHECK(certificate_of("5300") == "card.answer_malformed");
    CHECK(certificate_of("5303710100") == "card.answer_malformed");
    CHECK(certificate_of("53027000") == "card.answer_malformed");
    CHECK(certificate_of("53087002aabb7002aabb") == "card.answer_malformed");  // twice
    CHECK(certificate_of("53097002aabb710100fe0000") == "card.answer_malformed");
    CHECK(certificate_of("530a7002aabb710100fe00") == "card.answer_malformed");
    CHECK(certificate_of("53807002aabb") == "card.answer_malformed");  // no definite length
    CHECK(
        certificate_of(
            "538210047082"
            "1000" +
            repeated(4096)
        ) == repeated(4096)
    );
    CHECK(
        certificate_of(
            "538210057082"
            "1001" +
            repeated(4097)
        ) == "card.certificate_too_large"
    );
}

TEST_CASE("a signature is what stands under 82 in the template") {
    CHECK(signature_of("7c048202aabb") == "aabb");
    CHECK(
        signature_of(
            "7c820104"
            "82820100" +
            repeated(256)
        ) == repeated(256)
    );
    CHECK(
        signature_of(
            "7c820105"
            "82820101" +
            repeated(257)
        ) == "card.answer_malformed"
    );
    for (const auto* const wrong :
         {"", "7c00", "7c028200", "7c048102aabb", "7c048203aabb", "7c048202aabb00", "8202aabb"}) {
        CHECK(signature_of(wrong) == "card.answer_malformed");
    }
}

TEST_CASE("parts follow each other until 9000, within bounds") {
    const auto take = [](AnswerParts& parts, const std::string& hex) {
        const auto next = parts.take(from_hex(hex).value());
        if (!next) return std::string(next.error().reason);
        return *next ? to_hex(**next) : "whole " + to_hex(parts.whole());
    };
    AnswerParts parts;
    CHECK(take(parts, "aabb6110") == "00c0000010");
    CHECK(take(parts, "6100") == "00c0000000");
    CHECK(take(parts, "cc9000") == "whole aabbcc");
    AnswerParts none;
    CHECK(take(none, "6a82") == "card.answer_no");
    CHECK(take(none, "90") == "card.answer_malformed");
    CHECK(take(none, repeated(card_answer_max - 1) + "9000") == "card.answer_malformed");
    AnswerParts endless;
    for (int i = 0; i < piv_answers_max; ++i)
        CHECK(take(endless, "6100") == "00c0000000");
    CHECK(take(endless, "6100") == "card.answer_malformed");
    AnswerParts much;
    std::string said;
    for (int i = 0; i < 20 && !said.starts_with("card."); ++i)
        said = take(much, repeated(256) + "6100");
    CHECK(said == "card.answer_too_long");
}

TEST_CASE("the card is asked for a signature over the hash, for RSA in two commands") {
    const auto message = as_bytes("a challenge");
    const auto hash = to_hex(crypto::sha256(message));
    const auto ec = piv_sign_commands(PivAlgorithm::p256, message);
    REQUIRE(ec.size() == 1);
    CHECK(
        to_hex(ec.front()) ==
        "0087119e26"
        "7c24"
        "8200"
        "8120" +
            hash + "00"
    );
    const auto rsa = piv_sign_commands(PivAlgorithm::rsa_2048, message);
    REQUIRE(rsa.size() == 2);
    CHECK(
        to_hex(rsa[0]).starts_with("1087079eff"
                                   "7c820106"
                                   "8200"
                                   "81820100"
                                   "0001ff")
    );
    CHECK(to_hex(rsa[1]).starts_with("0087079e0b"));
    CHECK(rsa[0].size() == 5 + 255);
    CHECK(rsa[1].size() == 5 + 11 + 1);
    const auto block = to_hex(rsa[0]).substr(2 * 5) + to_hex(rsa[1]).substr(2 * 5);
    CHECK(block.ends_with("ff003031300d060960864801650304020105000420" + hash + "00"));
}

// A card that says what it was told to, and remembers what it was asked.
struct ScriptedCard {
    Transmit transmit() {
        return [this](BytesView command) -> Result<Bytes> {
            asked.push_back(to_hex(command));
            if (answers.empty()) return refuse(Refusal::not_found, "card.gone");
            auto answer = from_hex(answers.front()).value();
            answers.erase(answers.begin());
            return answer;
        };
    }

    std::vector<std::string> answers;
    std::vector<std::string> asked;
};

TEST_CASE("a PIV card signs: application, certificate in parts, signature") {
    const auto plan = test::root_plan("Card 7");
    const auto issued = test::self_signed(plan);
    const auto der = to_hex(issued.der());
    const auto size = issued.der().size();
    REQUIRE(size > 256);
    const auto inner = size + 4;
    const auto hex16 = [](std::size_t value) {
        ByteWriter out;
        out.u16(static_cast<std::uint16_t>(value));
        return to_hex(out.bytes());
    };
    const auto object = "5382" + hex16(inner) + "7082" + hex16(size) + der;
    ScriptedCard card;
    card.answers = {
        "61049000", object.substr(0, 512) + "6180", object.substr(512) + "9000", "7c048202aabb9000"
    };
    const auto made = sign_with_piv(card.transmit(), as_bytes("a challenge"));
    REQUIRE(made.has_value());
    CHECK(made->certificate == issued.der());
    CHECK(to_hex(made->signature) == "aabb");
    REQUIRE(card.asked.size() == 4);
    CHECK(
        card.asked[0] ==
        "00a404000ba000000308000010000100"
        "00"
    );
    CHECK(card.asked[1] == "00cb3fff055c035fc10100");
    CHECK(card.asked[2] == "00c0000080");
    CHECK(card.asked[3].starts_with("0087119e"));

    ScriptedCard number_only;
    number_only.answers = {"6a82"};
    CHECK_FALSE(is_piv_card(number_only.transmit()));
    ScriptedCard gone;
    gone.answers = {"9000"};
    const auto lost = sign_with_piv(gone.transmit(), as_bytes("a challenge"));
    CHECK(lost.error().reason == "card.gone");
    ScriptedCard no_key;
    no_key.answers = {"9000", "6a82"};
    CHECK(
        sign_with_piv(no_key.transmit(), as_bytes("a challenge")).error().reason == "card.answer_no"
    );
}

}  // namespace

}  // namespace sallyport::cli
