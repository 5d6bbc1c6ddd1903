#include "domain/authn/webauthn/authenticator_policy.h"

#include "tests/support/attestation_authority.h"

#include <doctest/doctest.h>

namespace sallyport::authn::webauthn {

namespace {

using namespace std::chrono_literals;
using test::AttestingCertificate;

const Time now = test::attestations_from + 24h;

Aaguid model(std::uint8_t number) {
    Aaguid aaguid;
    aaguid.bytes.fill(static_cast<std::byte>(number));
    return aaguid;
}

// A maker's root, and a registration that it attests.
struct House {
    AttestingCertificate root = test::make_authority("Maker");
    crypto::AttestationCertificate trusted = root.parsed();
    Registration registration = attested_by(root);

    static Registration attested_by(const AttestingCertificate& authority) {
        const auto leaf = test::make_attesting(test::packed_plan(), test::SigningKey(), &authority);
        return {
            .credential_id = Bytes(16),
            .public_key = {},
            .algorithm = crypto::CoseAlgorithm::es256,
            .aaguid = model(1),
            .attestation =
                {.format = "packed", .type = AttestationType::basic, .trust_path = {leaf.parsed()}},
        };
    }

    [[nodiscard]] std::string_view reason(
        const AuthenticatorPolicy& policy,
        std::span<const AuthenticatorMetadata> metadata = {},
        Time when = now
    ) const {
        const auto checked = check_authenticator_policy(
            registration, policy, {.roots = {&trusted, 1}, .metadata = metadata}, when
        );
        return checked ? "accepted" : checked.error().reason;
    }
};

TEST_CASE("S1-21: synced keys are refused where policy says device-bound, backed up or not") {
    House house;
    const AuthenticatorPolicy device_bound{.device_bound = true};
    CHECK(house.reason(device_bound) == "accepted");
    house.registration.backup_eligible = true;
    CHECK(house.reason(device_bound) == "webauthn.policy.device_bound");
    CHECK(house.reason({}) == "accepted");
    house.registration.backup_state = true;
    CHECK(house.reason(device_bound) == "webauthn.policy.device_bound");
    CHECK_FALSE(check_device_bound(true, device_bound).has_value());
    CHECK(check_device_bound(false, device_bound).has_value());
    CHECK(check_device_bound(true, {}).has_value());
}

TEST_CASE("S1-21: attestation that policy asks for ends at a trusted root") {
    House house;
    const AuthenticatorPolicy attested{.attestation = true};
    CHECK(house.reason(attested) == "accepted");
    CHECK(house.reason(attested, {}, test::attestations_until + 1h) == "webauthn.policy.untrusted");
    house.registration = House::attested_by(test::make_authority("Maker"));
    CHECK(house.reason(attested) == "webauthn.policy.untrusted");
    CHECK(house.reason({}) == "accepted");
    for (const auto type : {AttestationType::none, AttestationType::self}) {
        house.registration.attestation = {.format = "", .type = type, .trust_path = {}};
        CHECK(house.reason(attested) == "webauthn.policy.attestation");
        CHECK(house.reason({}) == "accepted");
    }
}

TEST_CASE("S1-21: only named models, and a model counts only when it is attested") {
    House house;
    const AuthenticatorPolicy only_one{.models = {model(1), model(3)}};
    CHECK(house.reason(only_one) == "accepted");
    house.registration.aaguid = model(2);
    CHECK(house.reason(only_one) == "webauthn.policy.model");
    house.registration.aaguid = model(1);
    house.registration.attestation = {
        .format = "packed", .type = AttestationType::self, .trust_path = {}
    };
    CHECK(house.reason(only_one) == "webauthn.policy.attestation");
}

TEST_CASE("S1-21: a U2F key names no model, since its statement does not cover the name") {
    House house;
    house.registration.attestation.format = "fido-u2f";
    CHECK(house.reason({.attestation = true}) == "accepted");
    CHECK(house.reason({.models = {model(1)}}) == "webauthn.policy.model");
}

TEST_CASE("S1-21: a model's roots come from FIDO's list, and count for that model alone") {
    House house;
    const auto other_root = test::make_authority("Other Maker");
    house.registration = House::attested_by(other_root);
    const AuthenticatorPolicy attested{.attestation = true};
    const std::vector<AuthenticatorMetadata> list = {
        {.aaguid = model(1), .description = "One", .roots = {other_root.parsed()}, .compromised = {}
        }
    };
    CHECK(house.reason(attested, list) == "accepted");
    house.registration.aaguid = model(2);
    CHECK(house.reason(attested, list) == "webauthn.policy.untrusted");
}

TEST_CASE("S1-21: a model that FIDO's list speaks against is refused under any policy") {
    House house;
    const std::vector<AuthenticatorMetadata> list = {
        {.aaguid = model(1), .description = "One", .roots = {}, .compromised = "REVOKED"}
    };
    CHECK(house.reason({}, list) == "webauthn.policy.compromised");
    CHECK(house.reason({.attestation = true}, list) == "webauthn.policy.compromised");
    house.registration.aaguid = model(2);
    CHECK(house.reason({.attestation = true}, list) == "accepted");
}

}  // namespace

}  // namespace sallyport::authn::webauthn
