#include "domain/authn/webauthn/authenticator_policy.h"

#include <vector>

namespace sallyport::authn::webauthn {

namespace {

std::unexpected<Refusal> denied(Reason reason) {
    return refuse(Refusal::denied, reason);
}

// What a U2F key signs does not cover the AAGUID (§8.6), so its browser could name any model.
Aaguid attested_model(const Registration& registration) {
    if (registration.attestation.format == "fido-u2f") return {};
    return registration.aaguid;
}

Result<void> check_trusted(
    const Registration& registration,
    const AttestationTrust& trust,
    const AuthenticatorMetadata* model,
    Time now
) {
    const auto type = registration.attestation.type;
    if (type == AttestationType::none || type == AttestationType::self) {
        return denied("webauthn.policy.attestation");
    }
    std::vector<crypto::AttestationCertificate> roots(trust.roots.begin(), trust.roots.end());
    if (model != nullptr) roots.insert(roots.end(), model->roots.begin(), model->roots.end());
    if (!crypto::verify_attestation_path(registration.attestation.trust_path, roots, now)) {
        return denied("webauthn.policy.untrusted");
    }
    return {};
}

}  // namespace

bool is_model_attested(const Registration& registration, const AttestationTrust& trust, Time now) {
    const auto aaguid = attested_model(registration);
    if (aaguid == Aaguid{}) return false;
    const auto* const model = find_authenticator(trust.metadata, aaguid);
    return check_trusted(registration, trust, model, now).has_value();
}

Result<void> check_device_bound(bool backup_eligible, const AuthenticatorPolicy& policy) {
    if (policy.device_bound && backup_eligible) return denied("webauthn.policy.device_bound");
    return {};
}

Result<void> check_authenticator_policy(
    const Registration& registration,
    const AuthenticatorPolicy& policy,
    const AttestationTrust& trust,
    Time now
) {
    SP_CHECK(check_device_bound(registration.backup_eligible, policy));
    const auto aaguid = attested_model(registration);
    if (!policy.models.empty() && !policy.models.contains(aaguid)) {
        return denied("webauthn.policy.model");
    }
    const auto* const model = find_authenticator(trust.metadata, aaguid);
    if (model != nullptr && !model->compromised.empty()) {
        return denied("webauthn.policy.compromised");
    }
    if (policy.attestation || !policy.models.empty()) {
        SP_CHECK(check_trusted(registration, trust, model, now));
    }
    return {};
}

}  // namespace sallyport::authn::webauthn
