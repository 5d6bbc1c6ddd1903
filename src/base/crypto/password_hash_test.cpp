#include "base/crypto/password_hash.h"

#include "tests/support/vectors.h"

#include "base/core/fault.h"
#include "base/crypto/crypto.h"
#include "base/crypto/password_verifier.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <sodium.h>

#include <algorithm>
#include <string>

using namespace sallyport;
using namespace sallyport::crypto;

namespace {

Secret secret(std::string text) {
    return Secret::take(std::as_writable_bytes(std::span(text)));
}

Secret secret(Bytes bytes) {
    return Secret::take(bytes);
}

const PasswordCost lowest;

}  // namespace

TEST_CASE("S0-42: two people with the same password have different salts and verifiers") {
    const auto pepper = Secret::random(32);
    const auto anna = hash_password(secret("Winter 2026 in Graz"), pepper, lowest);
    const auto erik = hash_password(secret("Winter 2026 in Graz"), pepper, lowest);
    CHECK(anna != erik);
    const auto of_anna = parse_password_verifier(anna).value();
    const auto of_erik = parse_password_verifier(erik).value();
    CHECK(of_anna.salt != of_erik.salt);
    CHECK(of_anna.mac != of_erik.mac);
    CHECK(of_anna.salt.size() * 8 >= 128);
    CHECK(verify_password(secret("Winter 2026 in Graz"), pepper, anna));
    CHECK(verify_password(secret("Winter 2026 in Graz"), pepper, erik));
}

TEST_CASE("S0-42: the algorithm is argon2id and its parameters are recorded") {
    const PasswordCost cost{.memory_bytes = 24U << 20, .passes = 3};
    const auto verifier = hash_password(secret("a passphrase"), Secret::random(32), cost);
    CHECK(verifier.starts_with("$argon2id-hmac-sha256$v=19$m=24576,t=3,p=1,keyid=1$"));
    CHECK(parse_password_verifier(verifier).value().cost == cost);
}

TEST_CASE("S0-42: a verifier with lower parameters than today's wants a new hash") {
    const auto old = hash_password(secret("a passphrase"), Secret::random(32), lowest);
    CHECK_FALSE(needs_rehash(old, lowest));
    CHECK(needs_rehash(old, {.memory_bytes = lowest.memory_bytes + 1024, .passes = 2}));
    CHECK(needs_rehash(old, {.memory_bytes = lowest.memory_bytes, .passes = 3}));
    const auto stronger =
        hash_password(secret("a passphrase"), Secret::random(32), {lowest.memory_bytes, 3});
    CHECK_FALSE(needs_rehash(stronger, lowest));
}

TEST_CASE("S0-47: who has the verifier but not the pepper can't confirm the right password") {
    const auto pepper = Secret::random(32);
    const auto verifier = hash_password(secret("hospital2026"), pepper, lowest);
    REQUIRE(verify_password(secret("hospital2026"), pepper, verifier));

    // What the thief can do: everything that the text says, with the known password and no pepper.
    const auto stolen = parse_password_verifier(verifier).value();
    const auto password = secret("hospital2026");
    std::array<std::byte, 32> guess{};
    REQUIRE(sodium_init() >= 0);
    REQUIRE(
        crypto_pwhash(
            reinterpret_cast<unsigned char*>(guess.data()),
            guess.size(),
            reinterpret_cast<const char*>(password.expose().data()),
            password.size(),
            reinterpret_cast<const unsigned char*>(stolen.salt.data()),
            stolen.cost.passes,
            stolen.cost.memory_bytes,
            crypto_pwhash_ALG_ARGON2ID13
        ) == 0
    );
    CHECK(guess != stolen.mac);
    CHECK(hmac_sha256(secret(""), guess) != stolen.mac);
    CHECK_FALSE(verify_password(secret("hospital2026"), Secret::random(32), verifier));
    // With the pepper it is confirmed: the guess above was the right computation.
    CHECK(hmac_sha256(pepper, guess) == stolen.mac);
}

TEST_CASE("verifiers made by libargon2 and another HMAC are accepted") {
    for (const auto& v : test::read_vectors("crypto/password_verifier.vec")) {
        const auto pepper = secret(v.bytes("pepper"));
        CHECK(verify_password(secret(v.bytes("passphrase")), pepper, v.text("verifier")));
        auto wrong = v.bytes("passphrase");
        wrong.back() ^= std::byte{1};
        CHECK_FALSE(verify_password(secret(wrong), pepper, v.text("verifier")));
    }
}

TEST_CASE("a wrong, cut or empty password is not accepted") {
    const auto pepper = Secret::random(32);
    const auto verifier = hash_password(secret("Winter 2026 in Graz"), pepper, lowest);
    for (const char* wrong :
         {"winter 2026 in Graz", "Winter 2026 in Gra", "Winter 2026 in Graz ", ""}) {
        CHECK_FALSE(verify_password(secret(wrong), pepper, verifier));
    }
    const std::string with_zero("a\0b", 3);
    const auto other = hash_password(secret(with_zero), pepper, lowest);
    CHECK(verify_password(secret(with_zero), pepper, other));
    CHECK_FALSE(verify_password(secret("a"), pepper, other));
}

TEST_CASE("a malformed verifier is a fault, and a parsed one is spelt the same again") {
    const auto good = hash_password(secret("x"), Secret::random(32), lowest);
    const auto replaced = [&](const std::string& from, const std::string& to) {
        auto text = good;
        const auto at = text.find(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    CHECK(to_text(parse_password_verifier(good).value()) == good);
    for (const auto& bad :
         {std::string(),
          std::string("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"),
          good + "=",
          good + " ",
          " " + good,
          good.substr(0, good.size() - 1),
          replaced("v=19", "v=16"),
          replaced("m=19456", "m=19455"),
          replaced("m=19456", "m=019456"),
          replaced("m=19456", "m=1048577"),
          replaced("m=19456", "m=99999999999999999999"),
          replaced("m=19456", "m=-19456"),
          replaced("m=19456", "m="),
          replaced("t=2", "t=1"),
          replaced("t=2", "t=65"),
          replaced("t=2", "t=0"),
          replaced("p=1", "p=2"),
          replaced("keyid=1", "keyid=2"),
          replaced("argon2id-", "argon2i-")}) {
        CHECK_MESSAGE(
            parse_password_verifier(bad).error().reason == "password_verifier.malformed", bad
        );
        CHECK_THROWS_AS(static_cast<void>(verify_password(secret("x"), secret("p"), bad)), Fault);
        CHECK_THROWS_AS(static_cast<void>(needs_rehash(bad, lowest)), Fault);
    }
}

TEST_CASE("verifiers are spelt as they were read") {
    const bool held = rc::check([] {
        PasswordVerifier verifier{};
        verifier.cost.memory_bytes = *rc::gen::inRange<std::size_t>(19456, 1 << 20) * 1024;
        verifier.cost.passes = *rc::gen::inRange<std::uint64_t>(2, 65);
        for (auto& byte : verifier.salt) {
            byte = static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
        }
        for (auto& byte : verifier.mac) {
            byte = static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
        }
        RC_ASSERT(parse_password_verifier(to_text(verifier)).value() == verifier);
    });
    CHECK(held);
}

TEST_CASE("the cost fits the machine: about 100 ms, memory first, never below the floor") {
    CHECK(password_cost_for(0.5) == lowest);  // a slow machine
    CHECK(password_cost_for(0.1) == lowest);
    CHECK(password_cost_for(0.05) == PasswordCost{std::size_t{38} << 20, 2});
    CHECK(password_cost_for(0.02) == PasswordCost{std::size_t{64} << 20, 2});
    CHECK(password_cost_for(0.01) == PasswordCost{std::size_t{64} << 20, 5});
    CHECK(password_cost_for(0.0) == PasswordCost{std::size_t{64} << 20, 16});
    const auto here = tune_password_cost();
    CHECK(here.memory_bytes >= lowest.memory_bytes);
    CHECK(here.passes >= lowest.passes);
}
