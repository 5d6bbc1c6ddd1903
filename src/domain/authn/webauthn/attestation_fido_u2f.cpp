#include "domain/authn/webauthn/attestation_formats.h"

namespace sallyport::authn::webauthn {

Result<Attestation> verify_fido_u2f(const AttestationInput& input) {
    const auto signature = bytes_in(input, "sig");
    if (!signature) return bad_statement("fido-u2f: sig");
    SP_TRY(auto path, certificates_in(input));
    if (path.size() != 1) return bad_statement("fido-u2f: x5c has more than one certificate");
    const auto& key = path.front().public_key;
    if (!key.fits(crypto::CoseAlgorithm::es256)) {
        return bad_statement("fido-u2f: the certificate's key");
    }
    if (input.credential_key.algorithm != crypto::CoseAlgorithm::es256) {
        return bad_statement("fido-u2f: the credential's key");
    }
    // "verificationData": what a U2F authenticator signs (FIDO U2F Raw Message Formats §4.3).
    ByteWriter signed_bytes;
    signed_bytes.u8(0);
    signed_bytes.put(input.parsed.rp_id_hash);
    signed_bytes.put(input.client_data_hash);
    signed_bytes.put(input.credential.id);
    signed_bytes.put(input.credential_key.key.ec_point());
    if (!key.verify(crypto::CoseAlgorithm::es256, signed_bytes.bytes(), *signature)) {
        return bad_statement("fido-u2f: the signature");
    }
    return Attestation{.format = {}, .type = AttestationType::basic, .trust_path = std::move(path)};
}

}  // namespace sallyport::authn::webauthn
