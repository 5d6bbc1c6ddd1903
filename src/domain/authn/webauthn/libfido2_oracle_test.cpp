// What libfido2 says about the same ceremonies. It verifies the formats packed and fido-u2f, and
// neither client data nor paths.
#include "tests/support/vectors.h"

#include "domain/authn/webauthn/attestation_object.h"
#include "domain/authn/webauthn/authentication.h"
#include "domain/authn/webauthn/registration.h"

#include <doctest/doctest.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/es384.h>

#include <memory>
#include <string>

namespace sallyport::authn::webauthn {

namespace {

using crypto::CoseAlgorithm;

struct FreeCredential {
    void operator()(fido_cred_t* credential) const { fido_cred_free(&credential); }
};

struct FreeAssertion {
    void operator()(fido_assert_t* assertion) const { fido_assert_free(&assertion); }
};

using Credential = std::unique_ptr<fido_cred_t, FreeCredential>;

const unsigned char* in(BytesView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

// One pair of ceremonies, and what is signed in it.
struct Pair {
    Bytes create_client_data;
    Bytes attestation_object;
    Bytes get_client_data;
    Bytes authenticator_data;
    Bytes signature;
    std::string rp_id;
    std::string origin;
    Bytes create_challenge;
    Bytes get_challenge;
    Bytes credential_id;
};

Pair pair_of(const test::Vector& v, const std::string& rp_id, const std::string& origin) {
    return {
        .create_client_data = v.bytes("create_client_data"),
        .attestation_object = v.bytes("attestation_object"),
        .get_client_data = v.bytes("get_client_data"),
        .authenticator_data = v.bytes("authenticator_data"),
        .signature = v.bytes("signature"),
        .rp_id = rp_id,
        .origin = origin,
        .create_challenge = v.bytes("create_challenge"),
        .get_challenge = v.bytes("get_challenge"),
        .credential_id = v.bytes("credential_id"),
    };
}

Expectation expectation(const Pair& pair, const Bytes& challenge) {
    return {
        .rp_id = pair.rp_id,
        .origins = {pair.origin},
        .challenge = challenge,
        .user_verification = false,
        .cross_origin = true,
        .top_origins = {"https://example.com"},
    };
}

Result<Registration> ours(const Pair& pair) {
    return verify_registration(
        {.credential_id = pair.credential_id,
         .client_data_json = pair.create_client_data,
         .attestation_object = pair.attestation_object},
        expectation(pair, pair.create_challenge),
        {CoseAlgorithm::es256, CoseAlgorithm::eddsa, CoseAlgorithm::es384, CoseAlgorithm::rs256}
    );
}

bool our_assertion(const Pair& pair, const Registration& registration) {
    return verify_assertion(
               {.credential_id = pair.credential_id,
                .client_data_json = pair.get_client_data,
                .authenticator_data = pair.authenticator_data,
                .signature = pair.signature},
               expectation(pair, pair.get_challenge),
               {.id = registration.credential_id,
                .public_key = registration.public_key,
                .sign_count = registration.sign_count,
                .backup_eligible = registration.backup_eligible}
    )
        .has_value();
}

// The credential as libfido2 reads it; null if it does not.
Credential their_credential(const Pair& pair, CoseAlgorithm algorithm, const std::string& format) {
    const auto object = parse_attestation_object(pair.attestation_object).value();
    const auto hash = crypto::sha256(pair.create_client_data);
    Credential credential(fido_cred_new());
    const auto data = object.authenticator_data;
    const bool read =
        fido_cred_set_type(credential.get(), static_cast<int>(algorithm)) == FIDO_OK &&
        fido_cred_set_fmt(credential.get(), format.c_str()) == FIDO_OK &&
        fido_cred_set_rp(credential.get(), pair.rp_id.c_str(), nullptr) == FIDO_OK &&
        fido_cred_set_clientdata_hash(credential.get(), in(hash), hash.size()) == FIDO_OK &&
        fido_cred_set_authdata_raw(credential.get(), in(data), data.size()) == FIDO_OK;
    return read ? std::move(credential) : nullptr;
}

bool their_attestation(const Pair& pair, CoseAlgorithm algorithm) {
    const auto object = parse_attestation_object(pair.attestation_object).value();
    const auto credential = their_credential(pair, algorithm, object.format);
    if (credential == nullptr) return false;
    const auto signature = object.statement.find("sig")->bytes().value();
    const auto set = fido_cred_set_sig(credential.get(), in(signature), signature.size());
    if (set != FIDO_OK) return false;
    const auto* const x5c = object.statement.find("x5c");
    if (x5c == nullptr) return fido_cred_verify_self(credential.get()) == FIDO_OK;
    const auto leaf = x5c->items().at(0).bytes().value();
    return fido_cred_set_x509(credential.get(), in(leaf), leaf.size()) == FIDO_OK &&
           fido_cred_verify(credential.get()) == FIDO_OK;
}

bool their_assertion(const Pair& pair, CoseAlgorithm algorithm) {
    // Only to read the public key, so that the format does not matter.
    const auto credential = their_credential(pair, algorithm, "packed");
    if (credential == nullptr) return false;
    const auto hash = crypto::sha256(pair.get_client_data);
    const std::unique_ptr<fido_assert_t, FreeAssertion> assertion(fido_assert_new());
    const bool read =
        fido_assert_set_rp(assertion.get(), pair.rp_id.c_str()) == FIDO_OK &&
        fido_assert_set_clientdata_hash(assertion.get(), in(hash), hash.size()) == FIDO_OK &&
        fido_assert_set_count(assertion.get(), 1) == FIDO_OK &&
        fido_assert_set_authdata_raw(
            assertion.get(), 0, in(pair.authenticator_data), pair.authenticator_data.size()
        ) == FIDO_OK &&
        fido_assert_set_sig(assertion.get(), 0, in(pair.signature), pair.signature.size()) ==
            FIDO_OK;
    if (!read) return false;

    const auto verified = [&](auto make, auto read_key, auto release) {
        auto* key = make();
        const bool good =
            read_key(
                key, fido_cred_pubkey_ptr(credential.get()), fido_cred_pubkey_len(credential.get())
            ) == FIDO_OK &&
            fido_assert_verify(assertion.get(), 0, static_cast<int>(algorithm), key) == FIDO_OK;
        release(&key);
        return good;
    };
    if (algorithm == CoseAlgorithm::eddsa) {
        return verified(eddsa_pk_new, eddsa_pk_from_ptr, eddsa_pk_free);
    }
    if (algorithm == CoseAlgorithm::es384) {
        return verified(es384_pk_new, es384_pk_from_ptr, es384_pk_free);
    }
    return verified(es256_pk_new, es256_pk_from_ptr, es256_pk_free);
}

struct Compared {
    int attestations = 0;
    int assertions = 0;
};

void compare(const Pair& pair, Compared& compared) {
    const auto registration = ours(pair);
    if (!registration || registration->algorithm == CoseAlgorithm::rs256) return;
    const auto algorithm = registration->algorithm;
    const auto& format = registration->attestation.format;
    if (format == "packed" || format == "fido-u2f") {
        CHECK(their_attestation(pair, algorithm));
        auto changed = pair;
        changed.create_client_data.push_back(std::byte{' '});
        CHECK_FALSE(their_attestation(changed, algorithm));
        CHECK_FALSE(ours(changed).has_value());
        ++compared.attestations;
    }
    CHECK(our_assertion(pair, *registration));
    CHECK(their_assertion(pair, algorithm));
    auto changed = pair;
    changed.authenticator_data.back() ^= std::byte{1};
    CHECK_FALSE(our_assertion(changed, *registration));
    CHECK_FALSE(their_assertion(changed, algorithm));
    ++compared.assertions;
}

TEST_CASE("S1-21: libfido2 comes to the same end in the formats that it knows") {
    fido_init(0);
    Compared compared;
    for (const auto& v : test::read_vectors("webauthn/w3c_l3.vec")) {
        CAPTURE(v.text("id"));
        compare(pair_of(v, "example.org", "https://example.org"), compared);
    }
    for (const auto& v : test::read_vectors("webauthn/chromium.vec")) {
        CAPTURE(v.text("id"));
        compare(pair_of(v, "localhost", "http://localhost:41400"), compared);
    }
    CHECK(compared.attestations == 9);
    CHECK(compared.assertions >= 15);
}

}  // namespace

}  // namespace sallyport::authn::webauthn
