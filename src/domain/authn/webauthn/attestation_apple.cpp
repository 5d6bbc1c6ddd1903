#include "base/crypto/der_reader.h"
#include "domain/authn/webauthn/attestation_formats.h"

#include <algorithm>

namespace sallyport::authn::webauthn {

namespace {

constexpr const char* oid_nonce = "1.2.840.113635.100.8.2";

// SEQUENCE { [1] EXPLICIT OCTET STRING }.
Result<BytesView> nonce_of(BytesView extension) {
    crypto::DerReader outer(extension);
    SP_TRY(const auto sequence, outer.next(crypto::der_sequence));
    crypto::DerReader inner(sequence);
    SP_TRY(const auto tagged, inner.next());
    if (!tagged.is_context(1) || !outer.at_end() || !inner.at_end()) {
        return bad_statement("apple: the nonce");
    }
    crypto::DerReader innermost(tagged.content);
    SP_TRY(const auto nonce, innermost.next(crypto::der_octet_string));
    if (!innermost.at_end()) return bad_statement("apple: the nonce");
    return nonce;
}

}  // namespace

// No signature: that Apple's authority made a certificate with this nonce for this key is the
// statement. So it is worth nothing until the path is verified.
Result<Attestation> verify_apple(const AttestationInput& input) {
    SP_TRY(auto path, certificates_in(input));
    const auto* const extension = path.front().extension(oid_nonce);
    if (extension == nullptr) return bad_statement("apple: no nonce");
    const auto nonce = nonce_of(extension->value);
    if (!nonce || !std::ranges::equal(*nonce, crypto::sha256(input.signed_bytes()))) {
        return bad_statement("apple: the nonce");
    }
    if (!(path.front().public_key == input.credential_key.key)) {
        return bad_statement("apple: the certificate is for another key");
    }
    return Attestation{
        .format = {}, .type = AttestationType::anonymization_ca, .trust_path = std::move(path)
    };
}

}  // namespace sallyport::authn::webauthn
