#pragma once
// The checks that registration (WebAuthn §7.1) and authentication (§7.2) share, each with its own
// refusal.

#include "base/core/result.h"
#include "domain/authn/webauthn/authenticator_data.h"
#include "domain/authn/webauthn/client_data.h"
#include "domain/authn/webauthn/expectation.h"

#include <string_view>

namespace sallyport::authn::webauthn {

// Refuses unauthenticated "webauthn.type", "webauthn.challenge" (not this ceremony's: a replay),
// "webauthn.origin", "webauthn.cross_origin", "webauthn.top_origin". A fault if the expected
// challenge is shorter than 16 bytes.
[[nodiscard]] Result<void> check_client_data(
    const ClientData& data, std::string_view type, const Expectation& expected
);

// Refuses unauthenticated "webauthn.rp_id", "webauthn.user_present", "webauthn.user_verified",
// "webauthn.backup_state" (BS without BE).
[[nodiscard]] Result<void> check_authenticator_data(
    const AuthenticatorData& data, const Expectation& expected
);

}  // namespace sallyport::authn::webauthn
