#include "domain/authn/webauthn/registration.h"

#include "tests/support/webauthn_ceremony.h"

#include <doctest/doctest.h>

namespace sallyport::authn::webauthn {

namespace {

namespace cbor = test::cbor;
using crypto::CoseAlgorithm;
using test::CeremonyPlan;
using test::SigningKey;
using test::Statement;

Expectation expectation() {
    return {
        .rp_id = "sallyport.example.org",
        .origins = {"https://sallyport.example.org", "https://sallyport.example.org:8443"},
        .challenge = CeremonyPlan().challenge,
    };
}

Result<Registration> registered(
    const CeremonyPlan& plan,
    const Expectation& expected = expectation(),
    const Statement& statement = {}
) {
    const auto client_data = test::client_data_json(plan);
    const auto object = test::attestation_object(plan, statement);
    return verify_registration(
        {.credential_id = plan.credential_id,
         .client_data_json = client_data,
         .attestation_object = object},
        expected
    );
}

std::string_view reason(
    const CeremonyPlan& plan,
    const Expectation& expected = expectation(),
    const Statement& statement = {}
) {
    const auto result = registered(plan, expected, statement);
    return result ? "accepted" : result.error().reason;
}

Statement packed_self(const CeremonyPlan& plan) {
    return {
        .format = "packed",
        .members =
            {
                {cbor::text("alg"), cbor::integer(static_cast<int>(plan.key.algorithm()))},
                {cbor::text("sig"), cbor::bytes(plan.key.sign(test::signed_bytes(plan)))},
            },
    };
}

TEST_CASE("S1-21: a registration that passes tells all there is to store") {
    CeremonyPlan plan;
    plan.flags = test::flag_up | test::flag_uv | test::flag_be | test::flag_bs | test::flag_at;
    plan.sign_count = 77;
    const auto result = registered(plan, expectation(), packed_self(plan));
    REQUIRE(result.has_value());
    CHECK(result->credential_id == plan.credential_id);
    CHECK(result->public_key == plan.key.cose());
    CHECK(result->algorithm == CoseAlgorithm::es256);
    CHECK(to_text(result->aaguid) == "11111111-1111-1111-1111-111111111111");
    CHECK(result->sign_count == 77);
    CHECK(result->user_verified);
    CHECK(result->backup_eligible);
    CHECK(result->backup_state);
    CHECK(result->attestation.type == AttestationType::self);
    CHECK(result->attestation.format == "packed");
    CHECK(result->attestation.trust_path.empty());

    const CeremonyPlan plain;
    const auto other = registered(plain);
    REQUIRE(other.has_value());
    CHECK_FALSE(other->backup_eligible);
    CHECK_FALSE(other->backup_state);
    CHECK(other->attestation.type == AttestationType::none);
}

TEST_CASE("S1-21: registration refuses client data that is none (steps 5 and 6)") {
    CeremonyPlan plan;
    plan.other_members = R"(,"origin":"https://sallyport.example.org")";
    CHECK(reason(plan) == "webauthn.client_data");
    plan.other_members = "}";
    CHECK(reason(plan) == "webauthn.client_data");
}

TEST_CASE("S1-21: registration refuses another type (step 7)") {
    CeremonyPlan plan;
    for (const auto* const type : {"webauthn.get", "payment.get", "webauthn.Create", "x"}) {
        plan.type = type;
        CHECK(reason(plan) == "webauthn.type");
    }
}

TEST_CASE("S1-21, S1-13: registration refuses another challenge, so also a replay (step 8)") {
    CeremonyPlan plan;
    plan.challenge.back() ^= std::byte{1};
    CHECK(reason(plan) == "webauthn.challenge");
    plan.challenge = Bytes(31, std::byte{0x5A});
    CHECK(reason(plan) == "webauthn.challenge");
    // The answer to an earlier ceremony, unchanged, once the next one has its own challenge.
    auto next = expectation();
    next.challenge = Bytes(32, std::byte{0x5B});
    CHECK(reason(CeremonyPlan(), next) == "webauthn.challenge");
}

TEST_CASE("a ceremony that was started without a proper challenge is our fault, not an answer") {
    auto expected = expectation();
    expected.challenge.clear();
    CHECK_THROWS(static_cast<void>(registered(CeremonyPlan(), expected)));
}

TEST_CASE("S1-21, S1-71 (part): registration refuses another origin (step 9)") {
    CeremonyPlan plan;
    plan.origin = "https://sallyport.example.org:8443";
    CHECK(reason(plan) == "accepted");
    for (const auto* const origin :
         {"https://sallyp0rt.example.org",
          "http://sallyport.example.org",
          "https://sallyport.example.org:444",
          "https://sallyport.example.org/",
          "https://SALLYPORT.example.org",
          "https://evil.example/https://sallyport.example.org",
          "https://sallyport.example.org.evil.example",
          "null"}) {
        CAPTURE(origin);
        plan.origin = origin;
        CHECK(reason(plan) == "webauthn.origin");
    }
}

TEST_CASE("S1-21: registration refuses to run in a frame, unless expected (step 10)") {
    CeremonyPlan plan;
    plan.cross_origin = std::nullopt;
    CHECK(reason(plan) == "accepted");
    plan.cross_origin = true;
    CHECK(reason(plan) == "webauthn.cross_origin");
    auto framed = expectation();
    framed.cross_origin = true;
    CHECK(reason(plan, framed) == "accepted");
}

TEST_CASE("S1-21: registration refuses a frame in another site (step 11)") {
    auto framed = expectation();
    framed.cross_origin = true;
    framed.top_origins = {"https://portal.example.org"};
    CeremonyPlan plan;
    plan.cross_origin = true;
    plan.top_origin = "https://portal.example.org";
    CHECK(reason(plan, framed) == "accepted");
    plan.top_origin = "https://evil.example";
    CHECK(reason(plan, framed) == "webauthn.top_origin");
    plan.top_origin = "https://portal.example.org";
    plan.cross_origin = false;  // contradicts itself
    CHECK(reason(plan, framed) == "webauthn.top_origin");
    CHECK(reason(plan) == "webauthn.top_origin");
}

TEST_CASE("S1-21: registration refuses what is no attestation object (step 13)") {
    const CeremonyPlan plan;
    const auto client_data = test::client_data_json(plan);
    const auto object = test::attestation_object(plan, {});
    const auto with = [&](const Bytes& changed) -> std::string_view {
        const auto result = verify_registration(
            {.credential_id = plan.credential_id,
             .client_data_json = client_data,
             .attestation_object = changed},
            expectation()
        );
        return result ? "accepted" : result.error().reason;
    };
    CHECK(with(object) == "accepted");
    CHECK(with({}) == "webauthn.attestation_object");
    CHECK(with(cbor::joined(object, cbor::integer(0))) == "webauthn.attestation_object");
    CHECK(with(Bytes(object.begin(), object.end() - 1)) == "webauthn.attestation_object");
}

TEST_CASE("S1-21: registration refuses authenticator data without a credential, or with a tail") {
    CeremonyPlan plan;
    plan.flags = test::flag_up | test::flag_uv;
    CHECK(reason(plan) == "webauthn.authenticator_data");
    plan = {};
    plan.after = cbor::map({});
    CHECK(reason(plan) == "webauthn.authenticator_data");
    plan.flags |= test::flag_ed;
    CHECK(reason(plan) == "accepted");
}

TEST_CASE("S1-21: registration refuses another RP ID (step 14)") {
    CeremonyPlan plan;
    plan.rp_id = "example.org";
    CHECK(reason(plan) == "webauthn.rp_id");
}

TEST_CASE("S1-21: registration refuses when nobody was present (step 15)") {
    CeremonyPlan plan;
    plan.flags = test::flag_uv | test::flag_at;
    CHECK(reason(plan) == "webauthn.user_present");
}

TEST_CASE("S1-21: registration refuses when nobody was verified and somebody should be (step 16)") {
    CeremonyPlan plan;
    plan.flags = test::flag_up | test::flag_at;
    CHECK(reason(plan) == "webauthn.user_verified");
    auto lax = expectation();
    lax.user_verification = false;
    const auto result = registered(plan, lax);
    REQUIRE(result.has_value());
    CHECK_FALSE(result->user_verified);
}

TEST_CASE("S1-21: registration refuses a credential backed up that cannot be (step 17)") {
    CeremonyPlan plan;
    plan.flags |= test::flag_bs;
    CHECK(reason(plan) == "webauthn.backup_state");
}

TEST_CASE("S1-21: registration refuses an algorithm that was not offered (step 20)") {
    for (const auto algorithm : offered_algorithms) {
        CHECK(reason({.key = SigningKey(algorithm)}) == "accepted");
    }
    CHECK(reason({.key = SigningKey(CoseAlgorithm::es512)}) == "webauthn.algorithm");
    CHECK(reason({.key = SigningKey(CoseAlgorithm::ps256)}) == "webauthn.algorithm");
    CHECK(reason({.key = SigningKey(CoseAlgorithm::rs1)}) == "webauthn.algorithm");
    CeremonyPlan plan;
    plan.cose = cbor::map(
        {{cbor::integer(1), cbor::integer(7)},
         {cbor::integer(3), cbor::integer(-49)},
         {cbor::integer(-1), cbor::bytes(Bytes(1952))}}
    );
    CHECK(reason(plan) == "webauthn.algorithm");  // ML-DSA-65
}

TEST_CASE("S1-21: what an extension says that nobody asked for changes nothing at registration") {
    CeremonyPlan plan;
    plan.flags &= static_cast<std::uint8_t>(~test::flag_uv);
    auto claiming = plan;
    claiming.flags |= test::flag_ed;
    claiming.after = cbor::map({{cbor::text("uvm"), cbor::integer(2)}});
    auto expected = expectation();
    expected.user_verification = false;
    const auto without = registered(plan, expected);
    const auto with = registered(claiming, expected);
    REQUIRE(with.has_value());
    CHECK_FALSE(with->user_verified);
    CHECK(with->public_key == without->public_key);
    CHECK(with->sign_count == without->sign_count);
    // Nor does it stand for what was asked for.
    expected.user_verification = true;
    CHECK(reason(claiming, expected) == reason(plan, expected));
    CHECK(reason(claiming, expected) != "accepted");
}

TEST_CASE("S1-21: registration refuses a public key that is none (step 20)") {
    CeremonyPlan plan;
    auto cose = plan.key.cose();
    cose.back() ^= std::byte{1};  // off the curve
    plan.cose = cose;
    CHECK(reason(plan) == "webauthn.public_key");
    plan.cose = SigningKey::rsa(1024).cose();
    CHECK(reason(plan) == "webauthn.public_key");
}

TEST_CASE("S1-21: registration refuses a statement in a format that nobody here knows (step 21)") {
    for (const auto* const format : {"android-safetynet", "compound", "Packed", "packed ", ""}) {
        CAPTURE(format);
        CHECK(reason({}, expectation(), {.format = format}) == "webauthn.attestation_format");
    }
}

TEST_CASE("S1-21: registration refuses a statement that is not signed over these data (step 22)") {
    CeremonyPlan plan;
    auto statement = packed_self(plan);
    CHECK(reason(plan, expectation(), statement) == "accepted");
    plan.sign_count = 2;
    CHECK(reason(plan, expectation(), statement) == "webauthn.attestation");
    CeremonyPlan other_client;
    statement = packed_self(other_client);
    other_client.other_members = R"(,"x":1)";
    CHECK(reason(other_client, expectation(), statement) == "webauthn.attestation");
}

TEST_CASE("S1-21: registration refuses a credential id out of bounds, or another (step 25)") {
    CeremonyPlan plan;
    for (const std::size_t size : {16U, 64U, 1023U}) {
        plan.credential_id = Bytes(size, std::byte{9});
        CHECK(reason(plan) == "accepted");
    }
    for (const std::size_t size : {0U, 15U, 1024U, 5000U}) {
        plan.credential_id = Bytes(size, std::byte{9});
        CHECK(reason(plan) == "webauthn.credential_id");
    }
    const CeremonyPlan honest;
    const auto client_data = test::client_data_json(honest);
    const auto object = test::attestation_object(honest, {});
    const Bytes other(32, std::byte{0x23});
    const auto result = verify_registration(
        {.credential_id = other, .client_data_json = client_data, .attestation_object = object},
        expectation()
    );
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().reason == "webauthn.credential_id");
}

}  // namespace

}  // namespace sallyport::authn::webauthn
