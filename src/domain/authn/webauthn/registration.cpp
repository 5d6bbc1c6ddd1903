#include "domain/authn/webauthn/registration.h"

#include "domain/authn/webauthn/attestation_object.h"
#include "domain/authn/webauthn/ceremony_checks.h"
#include "domain/authn/webauthn/client_data.h"

#include <algorithm>

namespace sallyport::authn::webauthn {

namespace {

Result<crypto::CoseKey> credential_key(
    BytesView encoded, const std::vector<crypto::CoseAlgorithm>& algorithms
) {
    auto key = crypto::parse_cose_key(encoded);
    if (!key) {
        const bool unknown = key.error().reason == "cose.algorithm";
        if (unknown) return refuse(Refusal::invalid, "webauthn.algorithm");
        return refuse(Refusal::invalid, "webauthn.public_key", std::string(key.error().reason));
    }
    if (std::ranges::find(algorithms, key->algorithm) == algorithms.end()) {
        return refuse(Refusal::invalid, "webauthn.algorithm");
    }
    return key;
}

}  // namespace

// The numbers are those of the steps in the Level 3 Candidate Recommendation. 1 to 4 are the
// browser's and the caller's.
Result<Registration> verify_registration(
    const RegistrationResponse& response,
    const Expectation& expected,
    const std::vector<crypto::CoseAlgorithm>& algorithms
) {
    // 5, 6: the client data.
    SP_TRY(const auto client_data, parse_client_data(response.client_data_json));
    // 7 to 11: type, challenge, origin, framing.
    SP_CHECK(check_client_data(client_data, "webauthn.create", expected));
    // 12: its hash.
    const auto client_data_hash = crypto::sha256(response.client_data_json);
    // 13: the attestation object and the authenticator data in it.
    SP_TRY(const auto object, parse_attestation_object(response.attestation_object));
    SP_TRY(auto data, parse_authenticator_data(object.authenticator_data));
    if (!data.credential) return refuse(Refusal::invalid, "webauthn.authenticator_data");
    // 14 to 17: RP ID, user present, user verified, BS only with BE. (18 and 19, what BE and BS
    // mean to us, are policy.)
    SP_CHECK(check_authenticator_data(data, expected));
    // 20: the algorithm.
    SP_TRY(const auto key, credential_key(data.credential->public_key, algorithms));
    // 21, 22: the attestation statement. (23 and 24, whether it is trusted, are policy.)
    const AttestationInput input{
        .statement = object.statement,
        .authenticator_data = object.authenticator_data,
        .client_data_hash = client_data_hash,
        .parsed = data,
        .credential = *data.credential,
        .credential_key = key,
    };
    SP_TRY(auto attestation, verify_attestation(object.format, input));
    // 25: the size of the id was checked when it was read. That it is the one in the response is
    // not in the list; a caller who looked it up by the other would be fooled.
    if (!std::ranges::equal(response.credential_id, data.credential->id)) {
        return refuse(Refusal::invalid, "webauthn.credential_id");
    }
    return Registration{
        .credential_id = std::move(data.credential->id),
        .public_key = std::move(data.credential->public_key),
        .algorithm = key.algorithm,
        .aaguid = data.credential->aaguid,
        .sign_count = data.sign_count,
        .user_verified = data.user_verified,
        .backup_eligible = data.backup_eligible,
        .backup_state = data.backup_state,
        .attestation = std::move(attestation),
    };
}

}  // namespace sallyport::authn::webauthn
