#include "domain/authn/webauthn/attestation_fixture.h"

#include <doctest/doctest.h>

namespace sallyport::authn::webauthn {

namespace {

namespace cbor = test::cbor;
using crypto::CoseAlgorithm;
using test::AttestingCertificate;
using test::CeremonyPlan;
using test::SigningKey;
using test::Statement;

AttestingCertificate attesting(const SigningKey& key = SigningKey()) {
    return test::make_attesting({.subject = {{.oid = "2.5.4.3", .value = "U2F"}}}, key);
}

Bytes verification_data(const CeremonyPlan& plan) {
    ByteWriter out;
    out.u8(0);
    out.put(crypto::sha256(as_bytes(plan.rp_id)));
    out.put(test::client_data_hash(plan));
    out.put(plan.credential_id);
    out.put(plan.key.ec_point());
    return std::move(out).take();
}

Statement fido_u2f(const CeremonyPlan& plan, const AttestingCertificate& certificate) {
    return {
        .format = "fido-u2f",
        .members =
            {
                {cbor::text("sig"), cbor::bytes(certificate.key.sign(verification_data(plan)))},
                {cbor::text("x5c"), x5c({certificate.der})},
            },
    };
}

TEST_CASE("S1-21: fido-u2f: a certified P-256 key attests") {
    const CeremonyPlan plan;
    const auto result = attested(plan, fido_u2f(plan, attesting()));
    REQUIRE(result.has_value());
    CHECK(result->attestation.type == AttestationType::basic);
    CHECK(result->attestation.trust_path.size() == 1);
}

TEST_CASE("S1-21: fido-u2f: one certificate, with a P-256 key") {
    const CeremonyPlan plan;
    const auto certificate = attesting();
    auto changed = fido_u2f(plan, certificate);
    changed.set("x5c", x5c({certificate.der, certificate.der}));
    CHECK(verdict(plan, changed) == "fido-u2f: x5c has more than one certificate");
    changed.remove("x5c");
    CHECK(verdict(plan, changed) == "x5c: no list of certificates");
    CHECK(
        verdict(plan, fido_u2f(plan, attesting(SigningKey(CoseAlgorithm::es384)))) ==
        "fido-u2f: the certificate's key"
    );
    CHECK(
        verdict(plan, fido_u2f(plan, attesting(SigningKey(CoseAlgorithm::rs256)))) ==
        "fido-u2f: the certificate's key"
    );
}

TEST_CASE("S1-21: fido-u2f: the credential's key is a P-256 key") {
    CeremonyPlan plan;
    plan.key = SigningKey(CoseAlgorithm::eddsa);
    CHECK(verdict(plan, fido_u2f(CeremonyPlan(), attesting())) == "fido-u2f: the credential's key");
}

TEST_CASE("S1-21: fido-u2f: the signature is over this credential and this ceremony") {
    const CeremonyPlan plan;
    const auto certificate = attesting();
    auto changed = fido_u2f(plan, certificate);
    changed.remove("sig");
    CHECK(verdict(plan, changed) == "fido-u2f: sig");

    auto other = plan;
    other.credential_id.back() ^= std::byte{1};
    CHECK(verdict(plan, fido_u2f(other, certificate)) == "fido-u2f: the signature");
    other = plan;
    other.key = SigningKey();
    CHECK(verdict(plan, fido_u2f(other, certificate)) == "fido-u2f: the signature");
    other = plan;
    other.rp_id = "example.org";
    CHECK(verdict(plan, fido_u2f(other, certificate)) == "fido-u2f: the signature");
    other = plan;
    other.challenge.back() ^= std::byte{1};
    CHECK(verdict(plan, fido_u2f(other, certificate)) == "fido-u2f: the signature");
    // What U2F signs has a zero in front; what others sign is not that.
    changed.set("sig", cbor::bytes(certificate.key.sign(test::signed_bytes(plan))));
    CHECK(verdict(plan, changed) == "fido-u2f: the signature");
}

}  // namespace

}  // namespace sallyport::authn::webauthn
