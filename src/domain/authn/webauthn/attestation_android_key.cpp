#include "domain/authn/webauthn/android_key_description.h"
#include "domain/authn/webauthn/attestation_formats.h"

#include <algorithm>

namespace sallyport::authn::webauthn {

namespace {

constexpr const char* oid_key_description = "1.3.6.1.4.1.11129.2.1.17";

// Where a list states origin or purposes, they must be right. A list that states neither is taken:
// W3C's own vector has two empty lists, and a key store that writes them states both.
bool allows_our_use(const AndroidAuthorizations& list) {
    if (list.all_applications) return false;
    if (list.origin.value_or(android_origin_generated) != android_origin_generated) return false;
    return list.purposes.empty() ||
           std::ranges::find(list.purposes, android_purpose_sign) != list.purposes.end();
}

}  // namespace

Result<Attestation> verify_android_key(const AttestationInput& input) {
    const auto algorithm = algorithm_in(input);
    const auto signature = bytes_in(input, "sig");
    if (!algorithm || !signature || algorithm == crypto::CoseAlgorithm::rs1) {
        return bad_statement("android-key: alg or sig");
    }
    SP_TRY(auto path, certificates_in(input));
    const auto& certificate = path.front();
    if (!certificate.public_key.verify(*algorithm, input.signed_bytes(), *signature)) {
        return bad_statement("android-key: the signature");
    }
    if (!(certificate.public_key == input.credential_key.key)) {
        return bad_statement("android-key: the certificate is for another key");
    }
    const auto* const extension = certificate.extension(oid_key_description);
    if (extension == nullptr) return bad_statement("android-key: no key description");
    const auto description = parse_android_key_description(extension->value);
    if (!description) return bad_statement("android-key: the key description");
    if (!std::ranges::equal(description->challenge, input.client_data_hash)) {
        return bad_statement("android-key: the challenge");
    }
    if (!allows_our_use(description->software) || !allows_our_use(description->hardware)) {
        return bad_statement("android-key: origin, purpose or applications of the key");
    }
    return Attestation{.format = {}, .type = AttestationType::basic, .trust_path = std::move(path)};
}

}  // namespace sallyport::authn::webauthn
