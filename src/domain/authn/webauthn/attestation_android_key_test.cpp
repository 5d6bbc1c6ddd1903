#include "domain/authn/webauthn/attestation_fixture.h"

#include <doctest/doctest.h>

namespace sallyport::authn::webauthn {

namespace {

namespace cbor = test::cbor;
using test::CeremonyPlan;
using test::SigningKey;
using test::Statement;

constexpr const char* oid_key_description = "1.3.6.1.4.1.11129.2.1.17";

Bytes integer(std::uint8_t number) {
    const Bytes content = {static_cast<std::byte>(number)};
    return test::der(0x02, content);
}

// What the key store writes. A test changes one.
struct Description {
    Bytes challenge;
    Bytes software;
    Bytes hardware;
    Bytes tail;
};

Bytes purpose(std::uint8_t number) {
    return test::der_context(1, test::der(0x31, integer(number)));
}

Bytes origin(std::uint8_t number) {
    return test::der_context(702, integer(number));
}

const Bytes all_applications = test::der_context(600, test::der(0x05, {}));

Description honest(const CeremonyPlan& plan) {
    const auto hash = test::client_data_hash(plan);
    return {
        .challenge = {hash.begin(), hash.end()},
        .software = {},
        .hardware = cbor::joined(purpose(2), origin(0)),
        .tail = {},
    };
}

Bytes encoded(const Description& description) {
    const Bytes level = {std::byte{1}};
    Bytes content;
    for (const auto& part :
         {integer(3),
          test::der(0x0A, level),
          integer(4),
          test::der(0x0A, level),
          test::der(0x04, description.challenge),
          test::der(0x04, {}),
          test::der(0x30, description.software),
          test::der(0x30, description.hardware)}) {
        content = cbor::joined(std::move(content), part);
    }
    return cbor::joined(test::der(0x30, content), description.tail);
}

Statement android_key(
    const CeremonyPlan& plan,
    const Bytes& extension,
    const SigningKey& certified,
    const char* oid = oid_key_description
) {
    test::AttestationPlan certificate{.subject = {{.oid = "2.5.4.3", .value = "Android Keystore"}}};
    certificate.extensions.push_back({.oid = oid, .critical = false, .value = extension});
    return {
        .format = "android-key",
        .members =
            {
                {cbor::text("alg"), algorithm_number(certified.algorithm())},
                {cbor::text("sig"), cbor::bytes(certified.sign(test::signed_bytes(plan)))},
                {cbor::text("x5c"), x5c({test::make_attesting(certificate, certified).der})},
            },
    };
}

std::string verdict_of(const Description& description) {
    const CeremonyPlan plan;
    return verdict(plan, android_key(plan, encoded(description), plan.key));
}

TEST_CASE("S1-21: android-key: the key store's certificate for the credential's key attests") {
    const CeremonyPlan plan;
    const auto result = attested(plan, android_key(plan, encoded(honest(plan)), plan.key));
    REQUIRE(result.has_value());
    CHECK(result->attestation.type == AttestationType::basic);
    CHECK(result->attestation.trust_path.size() == 1);
}

TEST_CASE("S1-21: android-key: alg, sig and the key are the certificate's") {
    const CeremonyPlan plan;
    const auto extension = encoded(honest(plan));
    auto changed = android_key(plan, extension, plan.key);
    changed.remove("sig");
    CHECK(verdict(plan, changed) == "android-key: alg or sig");
    changed = android_key(plan, extension, plan.key);
    changed.set("alg", cbor::integer(-65535));
    CHECK(verdict(plan, changed) == "android-key: alg or sig");
    changed = android_key(plan, extension, plan.key);
    changed.set("sig", cbor::bytes(SigningKey().sign(test::signed_bytes(plan))));
    CHECK(verdict(plan, changed) == "android-key: the signature");
    CHECK(
        verdict(plan, android_key(plan, extension, SigningKey())) ==
        "android-key: the certificate is for another key"
    );
    CHECK(
        verdict(plan, android_key(plan, extension, plan.key, "1.3.6.1.4.1.11129.2.1.18")) ==
        "android-key: no key description"
    );
}

TEST_CASE("S1-21: android-key: the description is well formed and bound to this ceremony") {
    auto description = honest({});
    description.tail = Bytes(1);
    CHECK(verdict_of(description) == "android-key: the key description");
    description = honest({});
    description.hardware = cbor::joined(purpose(2), purpose(2));  // a tag twice
    CHECK(verdict_of(description) == "android-key: the key description");
    description = honest({});
    description.hardware = integer(1);  // no context tag
    CHECK(verdict_of(description) == "android-key: the key description");
    description = honest({});
    description.challenge.back() ^= std::byte{1};
    CHECK(verdict_of(description) == "android-key: the challenge");
    description.challenge.clear();
    CHECK(verdict_of(description) == "android-key: the challenge");
}

TEST_CASE("S1-21: android-key: the key was made there, to sign, for one application") {
    constexpr const char* refused = "android-key: origin, purpose or applications of the key";
    auto description = honest({});
    description.hardware = cbor::joined(purpose(2), origin(2));  // imported
    CHECK(verdict_of(description) == refused);
    description.hardware = cbor::joined(purpose(0), origin(0));  // to encrypt
    CHECK(verdict_of(description) == refused);
    description.hardware = cbor::joined(cbor::joined(purpose(2), all_applications), origin(0));
    CHECK(verdict_of(description) == refused);

    description = honest({});
    description.software = all_applications;
    CHECK(verdict_of(description) == refused);
    description.software = origin(2);
    CHECK(verdict_of(description) == refused);
    description.software = cbor::joined(purpose(2), origin(0));
    CHECK(verdict_of(description) == "accepted");
}

}  // namespace

}  // namespace sallyport::authn::webauthn
