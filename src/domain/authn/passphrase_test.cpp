#include "domain/authn/passphrase.h"

#include "tests/support/people.h"

#include "domain/authn/passphrase_strength.h"
#include "domain/authn/unicode.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

namespace sallyport::authn {

namespace {

using policy::Strength;
using test::secret;

const std::vector<std::string> hospital = {"Sankt Marien", "marienhospital"};

// "ok", or why not.
std::string verdict(std::string_view typed, Strength strength = Strength::two_factors) {
    const auto normalised = normalised_passphrase(secret(typed));
    if (!normalised) return std::string(normalised.error().reason);
    const auto checked = check_new_passphrase(
        *normalised, strength, {"anna.admin", "Anna Maria Ambergris", hospital}
    );
    return checked ? "ok" : std::string(checked.error().reason);
}

std::string repeated(std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) {
        out += text;
    }
    return out;
}

TEST_CASE(
    "S1-18, S0-26: fifteen characters alone, eight with a second factor, counted as "
    "characters"
) {
    CHECK(verdict("horse-2-battery", Strength::one_factor) == "ok");
    CHECK(verdict("horse-2-batter", Strength::one_factor) == "passphrase.too_short");
    CHECK(verdict("hors-2-b") == "ok");
    CHECK(verdict("hors-2-") == "passphrase.too_short");
    // Seven characters of three bytes each, then eight.
    CHECK(verdict("東西南北春夏秋") == "passphrase.too_short");
    CHECK(verdict("東西南北春夏秋冬") == "ok");
    CHECK(verdict("東西南北春夏秋冬花鳥風月雪星空", Strength::one_factor) == "ok");
}

TEST_CASE(
    "S0-26 (part): 64 characters and more, spaces and Unicode are accepted; nothing is composed"
) {
    const std::string sixty_four =
        "the quick brown fox jumps over the lazy dog and then goes home!!";
    REQUIRE(sixty_four.size() == 64);
    CHECK(verdict(sixty_four) == "ok");
    CHECK(verdict(sixty_four, Strength::one_factor) == "ok");
    CHECK(verdict("    four spaces first") == "ok");
    CHECK(verdict("žluťoučký kůň 🐎🐎") == "ok");
    CHECK(verdict("onlylowerletters") == "ok");
    CHECK(verdict("8402750918") == "ok");
    // 64 characters of four bytes are the most that four bytes each leave room for.
    const auto astral = repeated("🐎🦊🐿🌲🚪🔑📻🫖", 8);
    REQUIRE(astral.size() <= passphrase_bytes_max);
    CHECK(normalised_passphrase(secret(astral)).has_value());
    CHECK(verdict(std::string(257, 'x')) == "passphrase.too_long");
}

TEST_CASE(
    "S0-26 (part): 64 characters count as such where a keyboard sends marks apart from letters"
) {
    // Eight Vietnamese letters, each a vowel and two marks: 5 bytes, and 3 in NFC.
    const std::string apart =
        "e\u0302\u0301"
        "a\u0302\u0300"
        "o\u0302\u0309"
        "u\u031B\u0303"
        "a\u0306\u0301"
        "o\u031B\u0300"
        "e\u0302\u0303"
        "u\u031B\u0301";
    const std::string composed = "ếầổữắờễứ";
    const auto typed = repeated(apart, 8);
    REQUIRE(typed.size() == 320);
    const auto normalised = normalised_passphrase(secret(typed));
    REQUIRE(normalised.has_value());
    CHECK(character_count(*normalised) == 64);
    CHECK(constant_time_equal(*normalised, secret(repeated(composed, 8))));
    // What counts is what is hashed: 85 of them are 255 bytes, 86 are 258.
    const auto many = [](int count) { return repeated("e\u0302\u0301", count); };
    CHECK(normalised_passphrase(secret(many(85))).has_value());
    CHECK(verdict(many(86)) == "passphrase.too_long");
    // And nobody is made to normalise whatever is sent.
    const auto stacked = "e" + repeated("\u0301", 512);
    REQUIRE(stacked.size() > passphrase_typed_bytes_max);
    CHECK(verdict(stacked) == "passphrase.too_long");
}

TEST_CASE("S0-26 (part): what everybody uses is refused, and says so") {
    for (const auto* typed :
         {"password", "PassWord", "12345678", "qwertyuiop", "1qaz2wsx", "baseball", "trustno1"}) {
        CAPTURE(typed);
        CHECK(verdict(typed) == "passphrase.common");
    }
    CHECK(verdict("passwordpassword") == "passphrase.common");
    CHECK(verdict("passwordpassword", Strength::one_factor) == "passphrase.common");
    CHECK(verdict("aaaaaaaaaaaaaaaaaaaa") == "passphrase.common");
    CHECK(verdict("abababababababababab") == "passphrase.common");
    CHECK(verdict("abcdeabcdeabcdeabcde") == "passphrase.common");
    // Part of something longer is another matter.
    CHECK(verdict("password of the wolves") == "ok");
}

TEST_CASE("S0-26 (part): the login name, the product and the hospital are not enough") {
    CHECK(verdict("anna.admin") == "passphrase.context");
    CHECK(verdict("Anna.Admin2026") == "passphrase.context");
    CHECK(verdict("sallyport") == "passphrase.context");
    CHECK(verdict("SallyPort!1") == "passphrase.context");
    CHECK(verdict("sankt marien 7") == "passphrase.context");
    CHECK(verdict("marienhospitalmarienhospital") == "passphrase.context");
    CHECK(verdict("sallyport anna.admin") == "passphrase.context");
    CHECK(verdict("the sallyport of seven herons") == "ok");
}

TEST_CASE("S0-26 (part): words of the display name and of the house count for little") {
    CHECK(verdict("ambergris1") == "passphrase.context");
    CHECK(verdict("maria.ambergris") == "passphrase.context");
    CHECK(verdict("Anna Maria Ambergris") == "passphrase.context");
    CHECK(verdict("Sankt Marien 2026!") == "passphrase.context");
    // A name in the middle of something longer refuses nothing.
    CHECK(verdict("maria sold eleven wet umbrellas", Strength::one_factor) == "ok");
    CHECK(verdict("marienhospital by moonlight, rowing", Strength::one_factor) == "ok");
    // Nor do the three letters of a short name.
    const auto normalised = normalised_passphrase(secret("lighthouse keeper"));
    CHECK(check_new_passphrase(*normalised, Strength::one_factor, {"li", "Li Ho", {}}).has_value());
}

TEST_CASE("S0-26 (part): what a guesser tries early is refused, and says so") {
    for (const auto* typed :
         {"Summer2026!",
          "P@ssw0rd2026",
          "letmein123",
          "iloveyou2you",
          "qwertzuiop12",
          "Nurse1234!",
          "Winter2025!",
          "hospital-1977",
          "Krankenhaus1",
          "Willkommen1!",
          "drowssap1!",
          "abcdefgh1234"}) {
        CAPTURE(typed);
        CHECK(verdict(typed) == "passphrase.guessable");
    }
    // Fifteen characters alone have to be better than eight with a second factor.
    CHECK(verdict("iloveyouverymuch") == "ok");
    CHECK(verdict("iloveyouverymuch", Strength::one_factor) == "passphrase.guessable");
}

TEST_CASE("S1-69 (part): length is what is asked for: no kind of character is, or is in vain") {
    // Each of one kind only; each kind alone will do.
    CHECK(verdict("mossy kettle under stairs", Strength::one_factor) == "ok");
    CHECK(verdict("MOSSY KETTLE UNDER STAIRS", Strength::one_factor) == "ok");
    CHECK(verdict("748159263048157", Strength::one_factor) == "ok");
    CHECK(verdict("}(~<&;%\"*^/>?|:", Strength::one_factor) == "ok");
    CHECK(verdict("ключ под мокрой скамейкой", Strength::one_factor) == "ok");
}

TEST_CASE("the strength is under what it takes to guess each more: the longer, the more bits") {
    const auto bits = [](std::string_view typed) {
        const auto normalised = normalised_passphrase(secret(typed));
        return passphrase_bits(*normalised, {});
    };
    CHECK(bits("password") < 2);
    CHECK(bits("mossy") < bits("mossy kettle"));
    CHECK(bits("mossy kettle") < bits("mossy kettle under stairs"));
    const std::vector<std::string> known{"kettleworth"};
    const auto typed = normalised_passphrase(secret("kettleworth"));
    CHECK(passphrase_bits(*typed, known) < passphrase_bits(*typed, {}) / 2);
    // What comes after strength_bytes_max is not looked at.
    const auto start = repeated("4Ky!x9", 20).substr(0, strength_bytes_max);
    CHECK(bits(start) == bits(start + "and more of it"));
}

TEST_CASE("S0-26 (part): the whole value is what counts: no cut, no trim, no change of case") {
    const auto context = [] {
        static const keys::KeyRing keys(crypto::Secret::random(32));
        return make_context(keys, crypto::PasswordCost{});
    }();
    const std::string passphrase = std::string(200, 'x') + "the end";
    const auto verifier = make_verifier(context, secret(passphrase));
    REQUIRE(verifier.has_value());
    const auto right = [&](std::string_view typed) {
        return answer(context, {*verifier}, secret(typed)).correct;
    };
    CHECK(right(passphrase));
    CHECK_FALSE(right(std::string(200, 'x') + "the enD"));
    CHECK_FALSE(right(passphrase + " "));
    CHECK_FALSE(right(" " + passphrase));
    CHECK_FALSE(right(passphrase.substr(0, passphrase.size() - 1)));
    CHECK_FALSE(right(std::string(300, 'x')));
    CHECK_FALSE(right(""));
    CHECK_FALSE(right("\xff\xfe"));
}

TEST_CASE("one passphrase typed on two keyboards is one") {
    const auto composed = normalised_passphrase(secret("caf\u00e9 noir"));
    const auto decomposed = normalised_passphrase(secret("cafe\u0301 noir"));
    REQUIRE(composed.has_value());
    REQUIRE(decomposed.has_value());
    CHECK(constant_time_equal(*composed, *decomposed));
    // Compatibility forms stay apart: NFC, not NFKC.
    const auto ligature = normalised_passphrase(secret("\ufb01ne"));
    REQUIRE(ligature.has_value());
    CHECK(as_text(ligature->expose()) == "\ufb01ne");
}

TEST_CASE("what is not UTF-8 is malformed") {
    for (const auto* typed :
         {"\xff", "caf\xe9 noir", "\xc0\xaf", "\xed\xa0\x80", "\xf8\x88\x80\x80"}) {
        CHECK(verdict(typed) == "passphrase.malformed");
    }
    CHECK(verdict("") == "passphrase.malformed");
}

TEST_CASE("normalising twice changes nothing more") {
    const bool holds = rc::check([] {
        const auto points = *rc::gen::container<std::u32string>(rc::gen::oneOf(
            rc::gen::inRange<char32_t>(0x20, 0x7F),
            rc::gen::inRange<char32_t>(0xC0, 0x370),
            rc::gen::inRange<char32_t>(0xAC00, 0xAC80),
            rc::gen::inRange<char32_t>(0x1100, 0x1200)
        ));
        std::string utf8;
        for (const auto point : points) {
            if (point < 0x80) {
                utf8 += static_cast<char>(point);
            } else if (point < 0x800) {
                utf8 += static_cast<char>(0xC0U | (point >> 6U));
                utf8 += static_cast<char>(0x80U | (point & 0x3FU));
            } else {
                utf8 += static_cast<char>(0xE0U | (point >> 12U));
                utf8 += static_cast<char>(0x80U | ((point >> 6U) & 0x3FU));
                utf8 += static_cast<char>(0x80U | (point & 0x3FU));
            }
        }
        RC_PRE(!utf8.empty() && utf8.size() <= passphrase_bytes_max);
        const auto once = normalised_passphrase(secret(utf8));
        // Some characters become more in NFC.
        if (!once) {
            RC_ASSERT(once.error().reason == "passphrase.too_long");
            return;
        }
        RC_ASSERT(once->size() <= passphrase_bytes_max);
        const auto twice = normalised_passphrase(*once);
        RC_ASSERT(twice.has_value());
        RC_ASSERT(constant_time_equal(*once, *twice));
    });
    CHECK(holds);
}

}  // namespace

}  // namespace sallyport::authn
