#include "domain/authn/webauthn/ceremony_checks.h"

#include "base/core/fault.h"
#include "base/crypto/crypto.h"

#include <algorithm>

namespace sallyport::authn::webauthn {

namespace {

std::unexpected<Refusal> no(Reason reason) {
    return refuse(Refusal::unauthenticated, reason);
}

}  // namespace

Result<void> check_client_data(
    const ClientData& data, std::string_view type, const Expectation& expected
) {
    // An empty challenge would equal an empty challenge.
    if (expected.challenge.size() < challenge_size_min) {
        throw Fault("a WebAuthn ceremony has too short a challenge");
    }
    if (data.type != type) return no("webauthn.type");
    const auto challenge = to_base64url(expected.challenge);
    if (!crypto::constant_time_equal(as_bytes(data.challenge), as_bytes(challenge))) {
        return no("webauthn.challenge");
    }
    if (std::ranges::find(expected.origins, data.origin) == expected.origins.end()) {
        return no("webauthn.origin");
    }
    if (data.cross_origin && !expected.cross_origin) return no("webauthn.cross_origin");
    if (data.top_origin) {
        const auto& allowed = expected.top_origins;
        if (!data.cross_origin || !expected.cross_origin ||
            std::ranges::find(allowed, *data.top_origin) == allowed.end()) {
            return no("webauthn.top_origin");
        }
    }
    return {};
}

Result<void> check_authenticator_data(const AuthenticatorData& data, const Expectation& expected) {
    if (data.rp_id_hash != crypto::sha256(as_bytes(expected.rp_id))) return no("webauthn.rp_id");
    if (!data.user_present) return no("webauthn.user_present");
    if (expected.user_verification && !data.user_verified) return no("webauthn.user_verified");
    if (data.backup_state && !data.backup_eligible) return no("webauthn.backup_state");
    return {};
}

}  // namespace sallyport::authn::webauthn
