#pragma once
// A new security key or passkey, the same for enrolment and for whoever is signed in (WebAuthn
// §7.1).

#include "base/core/bytes.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/authn/context.h"
#include "domain/authn/security_key_store.h"
#include "domain/authn/webauthn/registration.h"

#include <cstddef>
#include <string>
#include <vector>

namespace sallyport::authn {

// What navigator.credentials.create() is to be asked for.
struct KeyCreation {
    Bytes challenge;
    Bytes user_handle;
    std::string login_name;
    std::string display_name;
    std::vector<CredentialDescriptor> exclude;  // those that the account has
};

// What it gave, its base64url undone.
struct NewKey {
    Bytes credential_id;
    Bytes client_data_json;
    Bytes attestation_object;
    std::string transports;  // "usb,nfc"; at most transports_max bytes of a-z, - and comma
};

inline constexpr std::size_t transports_max = 64;

// `holder`: as its challenge was made with, for ChallengePurpose::registration. Uses the challenge
// up. Refuses invalid "security_key.transports_malformed", "security_key.too_late" (the challenge
// is over or was used), "security_key.not_accepted" (the detail says what
// webauthn::verify_registration refused), conflict "security_key.registered" (somebody's already).
[[nodiscard]] Result<webauthn::Registration> accept_new_key(
    store::Tx& tx, const Moment& moment, const Context& context, BytesView holder, const NewKey& key
);

}  // namespace sallyport::authn
