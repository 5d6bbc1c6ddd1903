#include "domain/authn/webauthn/attestation_fixture.h"

#include <doctest/doctest.h>

namespace sallyport::authn::webauthn {

namespace {

namespace cbor = test::cbor;
using test::CeremonyPlan;
using test::SigningKey;
using test::Statement;

constexpr const char* oid_nonce = "1.2.840.113635.100.8.2";

Bytes nonce_extension(BytesView nonce) {
    return test::der(0x30, test::der_context(1, test::der(0x04, nonce)));
}

// A certificate for `key` with this in the extension.
Statement apple(const SigningKey& key, Bytes extension, const char* oid = oid_nonce) {
    test::AttestationPlan plan{.subject = {{.oid = "2.5.4.3", .value = "Apple-like"}}};
    plan.extensions.push_back({.oid = oid, .critical = false, .value = std::move(extension)});
    return {
        .format = "apple",
        .members = {{cbor::text("x5c"), x5c({test::make_attesting(plan, key).der})}},
    };
}

TEST_CASE("S1-21: apple: a certificate with the nonce, for the credential's key, attests") {
    const CeremonyPlan plan;
    const auto nonce = crypto::sha256(test::signed_bytes(plan));
    const auto result = attested(plan, apple(plan.key, nonce_extension(nonce)));
    REQUIRE(result.has_value());
    CHECK(result->attestation.type == AttestationType::anonymization_ca);
    CHECK(result->attestation.trust_path.size() == 1);
}

TEST_CASE("S1-21: apple: the nonce is this ceremony's") {
    const CeremonyPlan plan;
    auto nonce = crypto::sha256(test::signed_bytes(plan));
    CHECK(
        verdict(plan, apple(plan.key, nonce_extension(nonce), "1.2.840.113635.100.8.3")) ==
        "apple: no nonce"
    );
    CHECK(verdict(plan, apple(plan.key, test::der(0x04, nonce))) == "apple: the nonce");
    CHECK(verdict(plan, apple(plan.key, {})) == "apple: the nonce");
    auto longer = nonce_extension(nonce);
    longer.push_back(std::byte{0});
    CHECK(verdict(plan, apple(plan.key, longer)) == "apple: the nonce");
    const auto tagged = test::der(0x30, test::der_context(2, test::der(0x04, nonce)));
    CHECK(verdict(plan, apple(plan.key, tagged)) == "apple: the nonce");
    nonce.back() ^= std::byte{1};
    CHECK(verdict(plan, apple(plan.key, nonce_extension(nonce))) == "apple: the nonce");
    CHECK(verdict(plan, apple(plan.key, nonce_extension({}))) == "apple: the nonce");
}

TEST_CASE("S1-21: apple: the certificate is for the credential's key") {
    const CeremonyPlan plan;
    const auto nonce = crypto::sha256(test::signed_bytes(plan));
    CHECK(
        verdict(plan, apple(SigningKey(), nonce_extension(nonce))) ==
        "apple: the certificate is for another key"
    );
}

}  // namespace

}  // namespace sallyport::authn::webauthn
