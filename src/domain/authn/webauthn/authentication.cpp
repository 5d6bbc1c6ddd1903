#include "domain/authn/webauthn/authentication.h"

#include "base/core/fault.h"
#include "base/crypto/cose_key.h"
#include "base/crypto/crypto.h"
#include "domain/authn/webauthn/ceremony_checks.h"
#include "domain/authn/webauthn/client_data.h"

#include <algorithm>

namespace sallyport::authn::webauthn {

namespace {

std::unexpected<Refusal> no(Reason reason) {
    return refuse(Refusal::unauthenticated, reason);
}

Result<void> check_user_handle(
    const AssertionResponse& response, const StoredCredential& credential
) {
    if (!response.user_handle) {
        if (credential.found_by_user_handle) return no("webauthn.user_handle");
        return {};
    }
    if (!std::ranges::equal(*response.user_handle, credential.user_handle)) {
        return no("webauthn.user_handle");
    }
    return {};
}

// Step 22. Zero on both sides: the authenticator does not count.
Result<void> check_sign_count(std::uint32_t given, std::uint32_t stored) {
    if (given == 0 && stored == 0) return {};
    if (given <= stored) return no("webauthn.sign_count");
    return {};
}

crypto::CoseKey stored_key(const StoredCredential& credential) {
    auto key = crypto::parse_cose_key(credential.public_key);
    if (!key) throw Fault("a stored credential's public key is damaged");
    return *std::move(key);
}

}  // namespace

// The numbers are those of the steps in the Level 3 Candidate Recommendation. 1 to 4 are the
// browser's and the caller's.
Result<Assertion> verify_assertion(
    const AssertionResponse& response,
    const Expectation& expected,
    const StoredCredential& credential
) {
    // 5: the credential that was asked for.
    if (!std::ranges::equal(response.credential_id, credential.id)) {
        return no("webauthn.credential_id");
    }
    // 6: it belongs to the account.
    SP_CHECK(check_user_handle(response, credential));
    // 7 to 9: the client data.
    SP_TRY(const auto client_data, parse_client_data(response.client_data_json));
    // 10 to 14: type, challenge, origin, framing.
    SP_CHECK(check_client_data(client_data, "webauthn.get", expected));
    // 7, again: the authenticator data. With a credential in it, it is a registration's (§6.1).
    SP_TRY(const auto data, parse_authenticator_data(response.authenticator_data));
    if (data.credential) return refuse(Refusal::invalid, "webauthn.authenticator_data");
    // 15 to 18: RP ID, user present, user verified, BS only with BE.
    SP_CHECK(check_authenticator_data(data, expected));
    // 19: backup eligibility never changes.
    if (data.backup_eligible != credential.backup_eligible) return no("webauthn.backup_eligible");
    // 20: the hash of the client data.
    const auto client_data_hash = crypto::sha256(response.client_data_json);
    // 21: the signature.
    Bytes signed_bytes(response.authenticator_data.begin(), response.authenticator_data.end());
    signed_bytes.insert(signed_bytes.end(), client_data_hash.begin(), client_data_hash.end());
    if (!stored_key(credential).verify(signed_bytes, response.signature)) {
        return no("webauthn.signature");
    }
    // 22: the counter. The standard leaves it to us what a counter that stands still means; we
    // refuse.
    SP_CHECK(check_sign_count(data.sign_count, credential.sign_count));
    return Assertion{
        .sign_count = data.sign_count,
        .user_verified = data.user_verified,
        .backup_state = data.backup_state,
    };
}

}  // namespace sallyport::authn::webauthn
