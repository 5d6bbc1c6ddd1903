#include "tests/support/vectors.h"

#include "domain/authn/webauthn/attestation_object.h"
#include "domain/authn/webauthn/authentication.h"
#include "domain/authn/webauthn/authenticator_policy.h"
#include "domain/authn/webauthn/registration.h"

#include <doctest/doctest.h>

#include <chrono>
#include <map>

namespace sallyport::authn::webauthn {

namespace {

using crypto::CoseAlgorithm;

const std::vector<CoseAlgorithm> all_algorithms = {
    CoseAlgorithm::es256,
    CoseAlgorithm::eddsa,
    CoseAlgorithm::es384,
    CoseAlgorithm::es512,
    CoseAlgorithm::ps256,
    CoseAlgorithm::ed448,
    CoseAlgorithm::rs256,
};

const Time now = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));

// The bytes of one pair of ceremonies.
struct Pair {
    explicit Pair(const test::Vector& v)
        : credential_id(v.bytes("credential_id")),
          create_challenge(v.bytes("create_challenge")),
          create_client_data(v.bytes("create_client_data")),
          attestation_object(v.bytes("attestation_object")),
          get_challenge(v.bytes("get_challenge")),
          get_client_data(v.bytes("get_client_data")),
          authenticator_data(v.bytes("authenticator_data")),
          signature(v.bytes("signature")) {}

    [[nodiscard]] Result<Registration> registered(Expectation expected) const {
        expected.challenge = create_challenge;
        return verify_registration(
            {.credential_id = credential_id,
             .client_data_json = create_client_data,
             .attestation_object = attestation_object},
            expected,
            all_algorithms
        );
    }

    [[nodiscard]] Result<Assertion> asserted(
        Expectation expected, const Registration& registration, BytesView signed_with
    ) const {
        expected.challenge = get_challenge;
        const StoredCredential credential{
            .id = registration.credential_id,
            .public_key = registration.public_key,
            .sign_count = registration.sign_count,
            .backup_eligible = registration.backup_eligible,
        };
        return verify_assertion(
            {.credential_id = credential_id,
             .client_data_json = get_client_data,
             .authenticator_data = authenticator_data,
             .signature = signed_with,
             .user_handle = std::nullopt},
            expected,
            credential
        );
    }

    Bytes credential_id;
    Bytes create_challenge;
    Bytes create_client_data;
    Bytes attestation_object;
    Bytes get_challenge;
    Bytes get_client_data;
    Bytes authenticator_data;
    Bytes signature;
};

std::string_view reason_of(const auto& result) {
    return result ? "accepted" : result.error().reason;
}

const std::map<std::string, AttestationType> w3c_types = {
    {"none-es256", AttestationType::none},
    {"packed-self-es256", AttestationType::self},
    {"none-es256-crossOrigin", AttestationType::none},
    {"none-es256-topOrigin", AttestationType::none},
    {"none-es256-long-credential-id", AttestationType::none},
    {"packed-es256", AttestationType::basic},
    {"packed-es384", AttestationType::basic},
    {"packed-es512", AttestationType::basic},
    {"packed-rs256", AttestationType::basic},
    {"packed-eddsa", AttestationType::basic},
    {"packed-ed448", AttestationType::basic},
    {"tpm-es256", AttestationType::attestation_ca},
    {"android-key-es256", AttestationType::basic},
    {"apple-es256", AttestationType::anonymization_ca},
    {"fido-u2f-es256", AttestationType::basic},
};

Expectation w3c_expectation(const std::string& id) {
    const bool top_origin = id == "none-es256-topOrigin";
    return {
        .rp_id = "example.org",
        .origins = {"https://example.org"},
        .challenge = {},
        .user_verification = false,
        .cross_origin = top_origin || id == "none-es256-crossOrigin",
        .top_origins = top_origin ? std::vector<std::string>{"https://example.com"}
                                  : std::vector<std::string>{},
    };
}

TEST_CASE("S1-21: the 15 pairs of ceremonies that W3C publishes are verified") {
    const auto root = crypto::parse_attestation_certificate(
                          test::read_vectors("webauthn/w3c_l3_root.vec").at(0).bytes("certificate")
    )
                          .value();
    int pairs = 0;
    for (const auto& v : test::read_vectors("webauthn/w3c_l3.vec")) {
        const auto& id = v.text("id");
        CAPTURE(id);
        const Pair pair(v);
        const auto expected = w3c_expectation(id);
        const auto registration = pair.registered(expected);
        CHECK(reason_of(registration) == "accepted");
        if (!registration) continue;
        CHECK(to_hex(registration->aaguid.bytes) == v.text("aaguid"));
        CHECK(registration->credential_id == pair.credential_id);
        CHECK(registration->attestation.type == w3c_types.at(id));

        const bool has_path = registration->attestation.type != AttestationType::none &&
                              registration->attestation.type != AttestationType::self;
        const AuthenticatorPolicy attested{.attestation = true};
        const auto trusted =
            check_authenticator_policy(*registration, attested, {.roots = {&root, 1}}, now);
        CHECK(reason_of(trusted) == (has_path ? "accepted" : "webauthn.policy.attestation"));

        CHECK(reason_of(pair.asserted(expected, *registration, pair.signature)) == "accepted");
        auto broken = pair.signature;
        broken.back() ^= std::byte{1};
        CHECK(reason_of(pair.asserted(expected, *registration, broken)) == "webauthn.signature");
        ++pairs;
    }
    CHECK(pairs == 15);
}

TEST_CASE("S1-21: what W3C's frames show is refused where no frame is expected") {
    int framed = 0;
    for (const auto& v : test::read_vectors("webauthn/w3c_l3.vec")) {
        if (!w3c_expectation(v.text("id")).cross_origin) continue;
        const auto registration = Pair(v).registered(w3c_expectation("none-es256"));
        CHECK(reason_of(registration) == "webauthn.cross_origin");
        ++framed;
    }
    CHECK(framed == 2);
}

TEST_CASE(
    "S1-21: W3C's ceremonies are refused with any signed byte of the authenticator data changed"
) {
    for (const auto& v : test::read_vectors("webauthn/w3c_l3.vec")) {
        const auto& id = v.text("id");
        const auto type = w3c_types.at(id);
        if (type == AttestationType::none) continue;  // signed by nobody
        CAPTURE(id);
        const Pair honest(v);
        // U2F signs neither flags nor counter nor model: the policy knows that.
        const bool u2f = id == "fido-u2f-es256";
        const auto object = parse_attestation_object(honest.attestation_object).value();
        const auto start = static_cast<std::size_t>(
            object.authenticator_data.data() - honest.attestation_object.data()
        );
        for (std::size_t i = 0; i < object.authenticator_data.size(); i += 7) {
            if (u2f && i >= 32 && i < 53) continue;
            CAPTURE(i);
            Pair changed = honest;
            changed.attestation_object.at(start + i) ^= std::byte{0x02};
            CHECK_FALSE(changed.registered(w3c_expectation(id)).has_value());
        }
    }
}

struct Recorded {
    std::string reason = "accepted";
    std::string format;
    AttestationType type = AttestationType::basic;
    bool user_verified = true;
    bool backup_eligible = false;
};

TEST_CASE("S1-21: what a real Chromium sent is verified") {
    const std::map<std::string, Recorded> cases = {
        {"ctap2-none-es256", {.format = "none", .type = AttestationType::none}},
        {"ctap2-direct-es256", {.format = "packed"}},
        {"ctap2-direct-rs256", {.format = "packed"}},
        {"ctap2-direct-eddsa", {.format = "packed"}},
        {"ctap2-direct-mldsa", {.reason = "webauthn.algorithm", .format = ""}},
        {"ctap2-noUV-synced", {.format = "packed", .backup_eligible = true}},
        {"u2f-direct", {.format = "fido-u2f", .user_verified = false}},
    };
    int seen = 0;
    for (const auto& v : test::read_vectors("webauthn/chromium.vec")) {
        const auto& id = v.text("id");
        CAPTURE(id);
        const auto& wanted = cases.at(id);
        const Pair pair(v);
        const Expectation expected{
            .rp_id = "localhost",
            .origins = {"http://localhost:41400"},
            .challenge = {},
            .user_verification = false,
        };
        ++seen;
        const auto registration = pair.registered(expected);
        CHECK(reason_of(registration) == wanted.reason);
        if (!registration) continue;
        CHECK(registration->attestation.format == wanted.format);
        CHECK(registration->attestation.type == wanted.type);
        CHECK(registration->user_verified == wanted.user_verified);
        CHECK(registration->backup_eligible == wanted.backup_eligible);
        CHECK(std::to_string(static_cast<int>(registration->algorithm)) == v.text("algorithm"));
        const auto told = crypto::PublicKey::from_spki(v.bytes("spki")).value();
        CHECK(crypto::parse_cose_key(registration->public_key)->key == told);
        CHECK(reason_of(pair.asserted(expected, *registration, pair.signature)) == "accepted");
        auto broken = pair.signature;
        broken.at(broken.size() / 2) ^= std::byte{1};
        CHECK(reason_of(pair.asserted(expected, *registration, broken)) == "webauthn.signature");
    }
    CHECK(seen == 7);
}

}  // namespace

}  // namespace sallyport::authn::webauthn
