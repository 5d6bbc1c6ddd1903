#include "domain/authn/webauthn/attestation_formats.h"

#include <algorithm>
#include <string>

namespace sallyport::authn::webauthn {

namespace {

constexpr const char* oid_country = "2.5.4.6";
constexpr const char* oid_organization = "2.5.4.10";
constexpr const char* oid_unit = "2.5.4.11";
constexpr const char* oid_common_name = "2.5.4.3";

bool is_country(std::string_view text) {
    return text.size() == 2 &&
           std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool has_one_not_empty(const crypto::AttestationCertificate& certificate, std::string_view oid) {
    const auto values = crypto::values_of(certificate.subject, oid);
    return values.size() == 1 && !values.front().empty();
}

// §8.2.1.
Result<void> check_certificate(const crypto::AttestationCertificate& certificate) {
    if (certificate.version != 3) return bad_statement("packed: the certificate is not version 3");
    const auto countries = crypto::values_of(certificate.subject, oid_country);
    if (countries.size() != 1 || !is_country(countries.front())) {
        return bad_statement("packed: the certificate's country");
    }
    if (!has_one_not_empty(certificate, oid_organization)) {
        return bad_statement("packed: the certificate's organization");
    }
    const auto units = crypto::values_of(certificate.subject, oid_unit);
    if (units.size() != 1 || units.front() != "Authenticator Attestation") {
        return bad_statement("packed: the certificate's organizational unit");
    }
    if (!has_one_not_empty(certificate, oid_common_name)) {
        return bad_statement("packed: the certificate's common name");
    }
    if (!certificate.has_basic_constraints || certificate.is_ca) {
        return bad_statement("packed: the certificate is an authority's");
    }
    return {};
}

// The surrogate: the credential's key speaks for itself.
Result<Attestation> verify_self(
    const AttestationInput& input, crypto::CoseAlgorithm algorithm, BytesView signature
) {
    if (algorithm != input.credential_key.algorithm) return bad_statement("packed: alg");
    if (!input.credential_key.verify(input.signed_bytes(), signature)) {
        return bad_statement("packed: the signature");
    }
    return Attestation{.format = {}, .type = AttestationType::self, .trust_path = {}};
}

}  // namespace

Result<Attestation> verify_packed(const AttestationInput& input) {
    const auto algorithm = algorithm_in(input);
    const auto signature = bytes_in(input, "sig");
    if (!algorithm || !signature || algorithm == crypto::CoseAlgorithm::rs1) {
        return bad_statement("packed: alg or sig");
    }
    // ECDAA was taken out of the standard.
    if (input.statement.find("ecdaaKeyId") != nullptr) return bad_statement("packed: ECDAA");
    if (input.statement.find("x5c") == nullptr) return verify_self(input, *algorithm, *signature);

    SP_TRY(auto path, certificates_in(input));
    const auto& certificate = path.front();
    if (!certificate.public_key.verify(*algorithm, input.signed_bytes(), *signature)) {
        return bad_statement("packed: the signature");
    }
    SP_CHECK(check_certificate(certificate));
    if (!aaguid_extension_agrees(certificate, input.credential.aaguid)) {
        return bad_statement("packed: the certificate's AAGUID");
    }
    return Attestation{.format = {}, .type = AttestationType::basic, .trust_path = std::move(path)};
}

}  // namespace sallyport::authn::webauthn
