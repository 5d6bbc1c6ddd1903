#include "domain/authn/webauthn/attestation_fixture.h"

#include <doctest/doctest.h>

namespace sallyport::authn::webauthn {

namespace {

namespace cbor = test::cbor;
using crypto::CoseAlgorithm;
using test::AttestationPlan;
using test::AttestingCertificate;
using test::CeremonyPlan;
using test::SigningKey;
using test::Statement;

const AttestingCertificate& authority() {
    static const auto made = test::make_authority("Maker of Keys");
    return made;
}

AttestingCertificate attesting(const AttestationPlan& plan, const SigningKey& key = SigningKey()) {
    return test::make_attesting(plan, key, &authority());
}

Statement packed(const CeremonyPlan& plan, const AttestingCertificate& certificate) {
    return {
        .format = "packed",
        .members =
            {
                {cbor::text("alg"), algorithm_number(certificate.key.algorithm())},
                {cbor::text("sig"), cbor::bytes(certificate.key.sign(test::signed_bytes(plan)))},
                {cbor::text("x5c"), x5c({certificate.der, authority().der})},
            },
    };
}

Statement self(const CeremonyPlan& plan) {
    return {
        .format = "packed",
        .members =
            {
                {cbor::text("alg"), algorithm_number(plan.key.algorithm())},
                {cbor::text("sig"), cbor::bytes(plan.key.sign(test::signed_bytes(plan)))},
            },
    };
}

std::string verdict_of(const AttestationPlan& certificate) {
    const CeremonyPlan plan;
    return verdict(plan, packed(plan, attesting(certificate)));
}

TEST_CASE("S1-21: packed: a certified key attests, with each algorithm") {
    for (const auto algorithm :
         {CoseAlgorithm::es256, CoseAlgorithm::rs256, CoseAlgorithm::eddsa}) {
        CAPTURE(static_cast<int>(algorithm));
        const CeremonyPlan plan;
        const auto result =
            attested(plan, packed(plan, attesting(test::packed_plan(), SigningKey(algorithm))));
        REQUIRE(result.has_value());
        CHECK(result->attestation.type == AttestationType::basic);
        CHECK(result->attestation.trust_path.size() == 2);
    }
}

TEST_CASE("S1-21: packed: the statement needs alg and sig, and no ECDAA") {
    const CeremonyPlan plan;
    const auto honest = packed(plan, attesting(test::packed_plan()));
    auto changed = honest;
    changed.remove("alg");
    CHECK(verdict(plan, changed) == "packed: alg or sig");
    changed = honest;
    changed.remove("sig");
    CHECK(verdict(plan, changed) == "packed: alg or sig");
    changed.set("sig", cbor::text("sig"));
    CHECK(verdict(plan, changed) == "packed: alg or sig");
    changed = honest;
    changed.set("alg", cbor::integer(-65535));
    CHECK(verdict(plan, changed) == "packed: alg or sig");
    changed.set("alg", cbor::integer(-47));
    CHECK(verdict(plan, changed) == "packed: alg or sig");
    changed = honest;
    changed.set("ecdaaKeyId", cbor::bytes({}));
    CHECK(verdict(plan, changed) == "packed: ECDAA");
}

TEST_CASE("S1-21: packed: the list of certificates is a short list of certificates") {
    const CeremonyPlan plan;
    const auto certificate = attesting(test::packed_plan());
    auto changed = packed(plan, certificate);
    changed.set("x5c", cbor::array({}));
    CHECK(verdict(plan, changed) == "x5c: no list of certificates");
    changed.set("x5c", cbor::bytes(certificate.der));
    CHECK(verdict(plan, changed) == "x5c: no list of certificates");
    changed.set("x5c", x5c(std::vector<Bytes>(9, certificate.der)));
    CHECK(verdict(plan, changed) == "x5c: no list of certificates");
    changed.set("x5c", cbor::array({cbor::text("MII")}));
    CHECK(verdict(plan, changed) == "x5c: no bytes");
    changed.set("x5c", x5c({certificate.der, Bytes(10)}));
    CHECK(verdict(plan, changed) == "x5c: no certificate");
}

TEST_CASE("S1-21: packed: the signature is the certificate's, over these data, by that algorithm") {
    const CeremonyPlan plan;
    const auto certificate = attesting(test::packed_plan());
    auto changed = packed(plan, certificate);
    changed.set("sig", cbor::bytes(SigningKey().sign(test::signed_bytes(plan))));
    CHECK(verdict(plan, changed) == "packed: the signature");
    changed = packed(plan, certificate);
    changed.set("x5c", x5c({attesting(test::packed_plan()).der}));
    CHECK(verdict(plan, changed) == "packed: the signature");
    changed = packed(plan, certificate);
    changed.set("alg", cbor::integer(-35));
    CHECK(verdict(plan, changed) == "packed: the signature");
    auto counted = plan;
    ++counted.sign_count;
    CHECK(verdict(counted, packed(plan, certificate)) == "packed: the signature");
}

TEST_CASE("S1-21: packed: the certificate is as §8.2.1 asks") {
    CHECK(verdict_of(test::packed_plan()) == "accepted");

    auto plan = test::packed_plan();
    plan.version = 1;
    plan.basic_constraints = false;
    CHECK(verdict_of(plan) == "packed: the certificate is not version 3");

    for (const auto* const country : {"de", "D1"}) {
        plan = test::packed_plan();
        plan.subject.at(0).value = country;
        CHECK(verdict_of(plan) == "packed: the certificate's country");
    }
    plan = test::packed_plan();
    plan.subject.at(0).oid = "2.5.4.7";
    CHECK(verdict_of(plan) == "packed: the certificate's country");
    plan = test::packed_plan();
    plan.subject.at(1).oid = "2.5.4.7";
    CHECK(verdict_of(plan) == "packed: the certificate's organization");
    plan = test::packed_plan();
    plan.subject.at(2).value = "Authenticator attestation";
    CHECK(verdict_of(plan) == "packed: the certificate's organizational unit");
    plan = test::packed_plan();
    plan.subject.push_back(plan.subject.at(2));
    CHECK(verdict_of(plan) == "packed: the certificate's organizational unit");
    plan = test::packed_plan();
    plan.subject.pop_back();
    CHECK(verdict_of(plan) == "packed: the certificate's common name");
    plan = test::packed_plan();
    plan.ca = true;
    CHECK(verdict_of(plan) == "packed: the certificate is an authority's");
    plan = test::packed_plan();
    plan.basic_constraints = false;
    CHECK(verdict_of(plan) == "packed: the certificate is an authority's");
}

TEST_CASE("S1-21: packed: a certificate that names a model names the right one") {
    const CeremonyPlan ceremony;
    auto plan = test::packed_plan();
    plan.extensions.push_back(test::aaguid_extension(ceremony.aaguid));
    CHECK(verdict_of(plan) == "accepted");
    plan.extensions.back().critical = true;
    CHECK(verdict_of(plan) == "packed: the certificate's AAGUID");
    plan.extensions.back() = test::aaguid_extension(Bytes(16, std::byte{0x12}));
    CHECK(verdict_of(plan) == "packed: the certificate's AAGUID");
    plan.extensions.back() = test::aaguid_extension(Bytes(15, std::byte{0x11}));
    CHECK(verdict_of(plan) == "packed: the certificate's AAGUID");
    plan.extensions.back().value = ceremony.aaguid;  // not wrapped
    CHECK(verdict_of(plan) == "packed: the certificate's AAGUID");
}

TEST_CASE("S1-21: packed: without certificates the credential's own key attests") {
    const CeremonyPlan plan;
    const auto result = attested(plan, self(plan));
    REQUIRE(result.has_value());
    CHECK(result->attestation.type == AttestationType::self);
    CHECK(result->attestation.trust_path.empty());

    auto changed = self(plan);
    changed.set("alg", cbor::integer(-257));
    CHECK(verdict(plan, changed) == "packed: alg");
    changed = self(plan);
    changed.set("sig", cbor::bytes(SigningKey().sign(test::signed_bytes(plan))));
    CHECK(verdict(plan, changed) == "packed: the signature");
}

TEST_CASE("S1-21: none: the statement is empty") {
    const CeremonyPlan plan;
    CHECK(verdict(plan, {}) == "accepted");
    Statement changed;
    changed.set("sig", cbor::bytes({}));
    CHECK(verdict(plan, changed) == "none: the statement is not empty");
}

}  // namespace

}  // namespace sallyport::authn::webauthn
