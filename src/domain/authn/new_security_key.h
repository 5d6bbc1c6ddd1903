#pragma once
// A new security key or passkey, the same for enrolment and for whoever is signed in (WebAuthn
// §7.1).

#include "base/core/bytes.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/context.h"
#include "domain/authn/security_key_store.h"
#include "domain/authn/webauthn/registration.h"
#include "domain/policy/policy.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

// What navigator.credentials.create() is to be asked for.
struct KeyCreation {
    Bytes challenge;
    Bytes user_handle;
    std::string login_name;
    std::string display_name;
    std::vector<CredentialDescriptor> exclude;  // those that the account has
    policy::SecurityKeyRules rules = {};        // of the role that it is for
};

// What it gave, its base64url undone.
struct NewKey {
    Bytes credential_id;
    Bytes client_data_json;
    Bytes attestation_object;
    std::string transports;  // "usb,nfc"; at most transports_max bytes of a-z, - and comma
};

inline constexpr std::size_t transports_max = 64;

// What is asked of a new key.
struct KeyDemand {
    // Strength::device_bound: none that its maker may sync to other devices.
    policy::Strength strength = policy::Strength::phishing_resistant;
    policy::SecurityKeyRules rules = {};
};

// As the role alone has it. A role that the policy does not know asks for nothing: nobody signs in
// with it.
[[nodiscard]] KeyDemand key_demand(const policy::Policy& policy, std::string_view role);

// `holder`: as its challenge was made with, for ChallengePurpose::registration. Uses the challenge
// up. Refuses invalid "security_key.transports_malformed", "security_key.too_late" (the challenge
// is over or was used), "security_key.not_accepted" (the detail says what
// webauthn::verify_registration refused); conflict "security_key.registered" (somebody's already);
// invalid "security_key.holder_unchecked" (no PIN or biometric was asked for); and by `demand`, and
// FIDO's list as it was imported, invalid
//   "security_key.can_be_copied"
//   "security_key.not_attested" (nobody vouches for what it is, or nobody who is trusted here)
//   "security_key.model_not_allowed", "security_key.model_compromised" (whatever is demanded); the
//   detail is the model's AAGUID.
// Of these, cred.binding_refused by `actor` tells the model, for whoever is asked for help.
[[nodiscard]] Result<webauthn::Registration> accept_new_key(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const KeyDemand& demand,
    BytesView holder,
    const NewKey& key,
    const audit::Actor& actor
);

}  // namespace sallyport::authn
