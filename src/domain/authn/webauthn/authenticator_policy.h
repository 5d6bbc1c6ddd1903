#pragma once
// Which authenticators a role may register, asked after a registration was verified (WebAuthn §7.1
// steps 18, 19, 23 and 24). Pure.

#include "base/core/time.h"
#include "domain/authn/webauthn/authenticator_metadata.h"
#include "domain/authn/webauthn/registration.h"

#include <set>
#include <span>

namespace sallyport::authn::webauthn {

struct AuthenticatorPolicy {
    // No synced passkeys: a credential that may leave its device is refused, backed up or not
    // (SP 800-63B-4 App. B: not at AAL3).
    bool device_bound = false;
    // The attestation must end at a trusted root.
    bool attestation = false;
    // Only these models. Empty: any. A model is a claim until it is attested, so naming some asks
    // for a trusted attestation as well. A U2F key has none: its statement does not cover it.
    std::set<Aaguid> models = {};
};

// What trust rests on: roots that the operator gave, for any model, and FIDO's list, where each
// model has its own.
struct AttestationTrust {
    std::span<const crypto::AttestationCertificate> roots = {};
    std::span<const AuthenticatorMetadata> metadata = {};
};

// Refuses denied:
//   "webauthn.policy.device_bound"
//   "webauthn.policy.model" (not one of `models`)
//   "webauthn.policy.compromised" (FIDO's list has a report against the model; always asked)
//   "webauthn.policy.attestation" (none, or by the credential's own key)
//   "webauthn.policy.untrusted" (its path ends at no root that counts for the model at `now`)
[[nodiscard]] Result<void> check_authenticator_policy(
    const Registration& registration,
    const AuthenticatorPolicy& policy,
    const AttestationTrust& trust,
    Time now
);

// Whether its model is more than a claim: the statement covers it, and ends at a root that counts
// for it.
[[nodiscard]] bool is_model_attested(
    const Registration& registration, const AttestationTrust& trust, Time now
);

// For credentials that are there already, when a stricter policy comes: refuses denied
// "webauthn.policy.device_bound".
[[nodiscard]] Result<void> check_device_bound(
    bool backup_eligible, const AuthenticatorPolicy& policy
);

}  // namespace sallyport::authn::webauthn
