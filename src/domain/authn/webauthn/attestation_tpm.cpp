#include "domain/authn/webauthn/attestation_formats.h"
#include "domain/authn/webauthn/tpm_structures.h"

#include <algorithm>
#include <array>

namespace sallyport::authn::webauthn {

namespace {

constexpr const char* oid_aik_certificate = "2.23.133.8.3";  // tcg-kp-AIKCertificate
// TCG EK Credential Profile §3.2.9: manufacturer, model, version.
constexpr std::array oids_of_tpm = {"2.23.133.2.1", "2.23.133.2.2", "2.23.133.2.3"};

// The hash that a signature algorithm uses. None for those that no TPM has.
std::optional<crypto::HashAlgorithm> hash_of(crypto::CoseAlgorithm algorithm) {
    switch (algorithm) {
        case crypto::CoseAlgorithm::es256:
        case crypto::CoseAlgorithm::rs256:
        case crypto::CoseAlgorithm::ps256:
            return crypto::HashAlgorithm::sha256;
        case crypto::CoseAlgorithm::es384:
            return crypto::HashAlgorithm::sha384;
        case crypto::CoseAlgorithm::es512:
            return crypto::HashAlgorithm::sha512;
        case crypto::CoseAlgorithm::rs1:
            return crypto::HashAlgorithm::sha1;
        case crypto::CoseAlgorithm::eddsa:
        case crypto::CoseAlgorithm::ed448:
            break;
    }
    return std::nullopt;
}

// The Name of an object (TPM 2.0 Library Part 1 §16): the algorithm and the hash of its public
// area.
Bytes name_of(const TpmPublicArea& area, BytesView encoded) {
    ByteWriter name;
    name.u16(area.name_algorithm_id);
    name.put(crypto::digest(area.name_algorithm, encoded));
    return std::move(name).take();
}

// §8.3.1.
Result<void> check_certificate(const crypto::AttestationCertificate& certificate) {
    if (certificate.version != 3) return bad_statement("tpm: the certificate is not version 3");
    if (!certificate.subject.empty()) return bad_statement("tpm: the certificate has a subject");
    for (const auto* const oid : oids_of_tpm) {
        const auto values = crypto::values_of(certificate.alternative_directory, oid);
        if (values.size() != 1 || values.front().empty()) {
            return bad_statement("tpm: the certificate does not name the TPM");
        }
    }
    const auto& usages = certificate.extended_key_usages;
    if (std::ranges::find(usages, oid_aik_certificate) == usages.end()) {
        return bad_statement("tpm: the certificate's extended key usage");
    }
    if (!certificate.has_basic_constraints || certificate.is_ca) {
        return bad_statement("tpm: the certificate is an authority's");
    }
    return {};
}

// The key in the statement is the credential's, and the TPM says that it holds it.
Result<void> check_certified_key(
    const AttestationInput& input, BytesView public_area, BytesView certify_info, BytesView bound_to
) {
    const auto area = parse_tpm_public_area(public_area);
    if (!area) return bad_statement("tpm: pubArea");
    if (!(area->key == input.credential_key.key)) return bad_statement("tpm: another key");
    if (!area->may_sign) return bad_statement("tpm: the key may not sign");
    const auto info = parse_tpm_certify_info(certify_info);
    if (!info) return bad_statement("tpm: certInfo");
    if (!std::ranges::equal(info->extra_data, bound_to)) return bad_statement("tpm: extraData");
    if (!std::ranges::equal(info->name, name_of(*area, public_area))) {
        return bad_statement("tpm: the name of the key");
    }
    return {};
}

}  // namespace

Result<Attestation> verify_tpm(const AttestationInput& input) {
    const auto* const version = input.statement.find("ver");
    if (version == nullptr || version->text() != "2.0") return bad_statement("tpm: ver");
    const auto algorithm = algorithm_in(input);
    const auto hash = algorithm ? hash_of(*algorithm) : std::nullopt;
    const auto signature = bytes_in(input, "sig");
    const auto public_area = bytes_in(input, "pubArea");
    const auto certify_info = bytes_in(input, "certInfo");
    if (!hash || !signature || !public_area || !certify_info) {
        return bad_statement("tpm: alg, sig, pubArea or certInfo");
    }
    const auto bound_to = crypto::digest(*hash, input.signed_bytes());
    SP_CHECK(check_certified_key(input, *public_area, *certify_info, bound_to));

    SP_TRY(auto path, certificates_in(input));
    const auto& certificate = path.front();
    if (!certificate.public_key.verify(*algorithm, *certify_info, *signature)) {
        return bad_statement("tpm: the signature");
    }
    SP_CHECK(check_certificate(certificate));
    if (!aaguid_extension_agrees(certificate, input.credential.aaguid)) {
        return bad_statement("tpm: the certificate's AAGUID");
    }
    return Attestation{
        .format = {}, .type = AttestationType::attestation_ca, .trust_path = std::move(path)
    };
}

}  // namespace sallyport::authn::webauthn
