#include "domain/authn/webauthn/authentication.h"

#include "tests/support/webauthn_ceremony.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace sallyport::authn::webauthn {

namespace {

using crypto::CoseAlgorithm;
using test::CeremonyPlan;
using test::SigningKey;

const Bytes user_handle(64, std::byte{0x77});

CeremonyPlan sign_in() {
    return test::assertion_plan(CeremonyPlan());
}

Expectation expectation() {
    return {
        .rp_id = "sallyport.example.org",
        .origins = {"https://sallyport.example.org"},
        .challenge = sign_in().challenge,
    };
}

// What registration stored: a count of 1, not eligible for backup.
StoredCredential stored(const CeremonyPlan& plan) {
    return {
        .id = plan.credential_id,
        .public_key = plan.key.cose(),
        .sign_count = 1,
        .backup_eligible = false,
        .user_handle = user_handle,
    };
}

// The bytes of an answer, signed as the plan says.
struct Answer {
    explicit Answer(const CeremonyPlan& plan)
        : id(plan.credential_id),
          client_data(test::client_data_json(plan)),
          data(test::authenticator_data(plan)),
          signature(plan.key.sign(test::signed_bytes(plan))) {}

    [[nodiscard]] Result<Assertion> verified(
        const Expectation& expected, const StoredCredential& credential
    ) const {
        return verify_assertion(
            {.credential_id = id,
             .client_data_json = client_data,
             .authenticator_data = data,
             .signature = signature,
             .user_handle = handle ? std::optional<BytesView>(*handle) : std::nullopt},
            expected,
            credential
        );
    }

    [[nodiscard]] std::string_view reason(
        const Expectation& expected, const StoredCredential& credential
    ) const {
        const auto result = verified(expected, credential);
        return result ? "accepted" : result.error().reason;
    }

    Bytes id;
    Bytes client_data;
    Bytes data;
    Bytes signature;
    std::optional<Bytes> handle;
};

std::string_view reason(const CeremonyPlan& plan, const Expectation& expected = expectation()) {
    return Answer(plan).reason(expected, stored(plan));
}

TEST_CASE("S1-21: an assertion that passes tells what there is to store") {
    auto plan = sign_in();
    plan.sign_count = 9;
    const auto result = Answer(plan).verified(expectation(), stored(plan));
    REQUIRE(result.has_value());
    CHECK(result->sign_count == 9);
    CHECK(result->user_verified);
    CHECK_FALSE(result->backup_state);
}

TEST_CASE("S1-21: an assertion passes with every algorithm") {
    for (const auto algorithm :
         {CoseAlgorithm::es256,
          CoseAlgorithm::eddsa,
          CoseAlgorithm::es384,
          CoseAlgorithm::es512,
          CoseAlgorithm::ps256,
          CoseAlgorithm::ed448,
          CoseAlgorithm::rs256}) {
        CAPTURE(static_cast<int>(algorithm));
        auto plan = sign_in();
        plan.key = SigningKey(algorithm);
        CHECK(reason(plan) == "accepted");
    }
}

TEST_CASE("S1-21: an assertion by a credential that was not asked for is refused (step 5)") {
    const auto plan = sign_in();
    Answer answer(plan);
    answer.id.back() ^= std::byte{1};
    CHECK(answer.reason(expectation(), stored(plan)) == "webauthn.credential_id");
}

TEST_CASE("S1-21: an assertion for another account is refused (step 6)") {
    const auto plan = sign_in();
    Answer answer(plan);
    answer.handle = user_handle;
    CHECK(answer.reason(expectation(), stored(plan)) == "accepted");
    answer.handle->back() ^= std::byte{1};
    CHECK(answer.reason(expectation(), stored(plan)) == "webauthn.user_handle");
    answer.handle = Bytes();
    CHECK(answer.reason(expectation(), stored(plan)) == "webauthn.user_handle");

    // Without a name before, the handle says who it is.
    auto unnamed = stored(plan);
    unnamed.found_by_user_handle = true;
    answer.handle.reset();
    CHECK(answer.reason(expectation(), unnamed) == "webauthn.user_handle");
    answer.handle = user_handle;
    CHECK(answer.reason(expectation(), unnamed) == "accepted");
}

TEST_CASE("S1-21: an assertion with client data that is none is refused (steps 8 and 9)") {
    auto plan = sign_in();
    plan.other_members = "]";
    CHECK(reason(plan) == "webauthn.client_data");
}

TEST_CASE("S1-21: an assertion of another type is refused (step 10)") {
    auto plan = sign_in();
    plan.type = "webauthn.create";
    CHECK(reason(plan) == "webauthn.type");
}

TEST_CASE("S1-13, S1-21: an assertion to another challenge is refused, so also a replay (step 11)"
) {
    const auto plan = sign_in();
    const Answer answer(plan);
    CHECK(answer.reason(expectation(), stored(plan)) == "accepted");
    auto next = expectation();
    next.challenge = Bytes(32, std::byte{0xA6});
    CHECK(answer.reason(next, stored(plan)) == "webauthn.challenge");
    auto changed = plan;
    changed.challenge.pop_back();
    CHECK(reason(changed) == "webauthn.challenge");
}

TEST_CASE("S1-21, S1-71 (part): an assertion made on a look-alike origin is refused (step 12)") {
    auto plan = sign_in();
    for (const auto* const origin :
         {"https://sallyp0rt.example.org",
          "https://sallyport.example.org.evil.example",
          "http://sallyport.example.org",
          "https://sallyport.example.org:8443"}) {
        CAPTURE(origin);
        plan.origin = origin;
        CHECK(reason(plan) == "webauthn.origin");
    }
}

TEST_CASE("S1-21: an assertion made in a frame is refused, unless expected (steps 13 and 14)") {
    auto plan = sign_in();
    plan.cross_origin = true;
    CHECK(reason(plan) == "webauthn.cross_origin");
    auto framed = expectation();
    framed.cross_origin = true;
    framed.top_origins = {"https://portal.example.org"};
    CHECK(reason(plan, framed) == "accepted");
    plan.top_origin = "https://evil.example";
    CHECK(reason(plan, framed) == "webauthn.top_origin");
    plan.top_origin = "https://portal.example.org";
    CHECK(reason(plan, framed) == "accepted");
}

TEST_CASE("S1-21: an assertion for another RP ID is refused (step 15)") {
    auto plan = sign_in();
    plan.rp_id = "example.org";
    CHECK(reason(plan) == "webauthn.rp_id");
}

TEST_CASE("S1-21: an assertion without presence or verification is refused (steps 16 and 17)") {
    auto plan = sign_in();
    plan.flags = test::flag_uv;
    CHECK(reason(plan) == "webauthn.user_present");
    plan.flags = test::flag_up;
    CHECK(reason(plan) == "webauthn.user_verified");
    auto lax = expectation();
    lax.user_verification = false;
    CHECK(reason(plan, lax) == "accepted");
}

TEST_CASE("S1-21: backup flags that contradict themselves are refused (step 18)") {
    auto plan = sign_in();
    plan.flags |= test::flag_bs;
    CHECK(reason(plan) == "webauthn.backup_state");
}

TEST_CASE("S1-21: backup eligibility that changed is refused, backup state may change (step 19)") {
    auto plan = sign_in();
    plan.flags |= test::flag_be;
    CHECK(reason(plan) == "webauthn.backup_eligible");
    auto synced = stored(plan);
    synced.backup_eligible = true;
    CHECK(Answer(plan).reason(expectation(), synced) == "accepted");
    plan.flags |= test::flag_bs;
    CHECK(Answer(plan).verified(expectation(), synced)->backup_state);
    plan.flags = test::flag_up | test::flag_uv;
    CHECK(Answer(plan).reason(expectation(), synced) == "webauthn.backup_eligible");
}

TEST_CASE("S1-21: what an extension says that nobody asked for changes nothing at sign-in") {
    auto plan = sign_in();
    plan.flags |= test::flag_ed;
    plan.after = test::cbor::map({{test::cbor::text("appid"), test::cbor::integer(1)}});
    CHECK(reason(plan) == "accepted");
    // No key of the days before WebAuthn is taken under its old name.
    plan.rp_id = "https://sallyport.example.org/app-id.json";
    CHECK(reason(plan) == "webauthn.rp_id");
}

TEST_CASE("S1-21: authenticator data that are malformed, or a registration's, are refused") {
    auto plan = sign_in();
    plan.after = Bytes(1);
    CHECK(reason(plan) == "webauthn.authenticator_data");
    plan = sign_in();
    plan.flags |= test::flag_at;
    CHECK(reason(plan) == "webauthn.authenticator_data");
    Answer cut(sign_in());
    cut.data.pop_back();
    CHECK(cut.reason(expectation(), stored(plan)) == "webauthn.authenticator_data");
}

TEST_CASE("S1-21: a signature by another key, or over something else, is refused (step 21)") {
    const auto plan = sign_in();
    auto credential = stored(plan);
    credential.public_key = SigningKey().cose();
    CHECK(Answer(plan).reason(expectation(), credential) == "webauthn.signature");

    Answer answer(plan);
    answer.signature.clear();
    CHECK(answer.reason(expectation(), stored(plan)) == "webauthn.signature");
    auto counted = plan;
    counted.sign_count = 99;
    answer = Answer(plan);
    answer.data = test::authenticator_data(counted);
    CHECK(answer.reason(expectation(), stored(plan)) == "webauthn.signature");
    auto extended = plan;
    extended.other_members = R"(,"x":1)";
    answer = Answer(plan);
    answer.client_data = test::client_data_json(extended);
    CHECK(answer.reason(expectation(), stored(plan)) == "webauthn.signature");
}

TEST_CASE("S1-21: whatever byte of an answer is changed, it is refused") {
    const auto plan = sign_in();
    const Answer honest(plan);
    const auto credential = stored(plan);
    const bool holds = rc::check([&] {
        auto answer = honest;
        Bytes* const part = *rc::gen::element(&answer.client_data, &answer.data, &answer.signature);
        const auto at = *rc::gen::inRange<std::size_t>(0, part->size());
        part->at(at) ^= static_cast<std::byte>(*rc::gen::inRange(1, 256));
        RC_ASSERT(answer.reason(expectation(), credential) != "accepted");
    });
    CHECK(holds);
}

TEST_CASE("S1-21, S1-13: a sign count that does not grow is refused (step 22)") {
    const auto with = [](std::uint32_t given, std::uint32_t before) {
        auto plan = sign_in();
        plan.sign_count = given;
        auto credential = stored(plan);
        credential.sign_count = before;
        return Answer(plan).reason(expectation(), credential);
    };
    CHECK(with(6, 5) == "accepted");
    CHECK(with(5, 5) == "webauthn.sign_count");
    CHECK(with(4, 5) == "webauthn.sign_count");
    CHECK(with(0, 5) == "webauthn.sign_count");
    CHECK(with(0, 0) == "accepted");
    CHECK(with(1, 0) == "accepted");
    CHECK(with(UINT32_MAX, UINT32_MAX - 1) == "accepted");
    CHECK(with(0, UINT32_MAX) == "webauthn.sign_count");
}

TEST_CASE("a stored key that is damaged is our fault, not an answer") {
    const auto plan = sign_in();
    auto credential = stored(plan);
    credential.public_key.pop_back();
    CHECK_THROWS(static_cast<void>(Answer(plan).verified(expectation(), credential)));
}

}  // namespace

}  // namespace sallyport::authn::webauthn
