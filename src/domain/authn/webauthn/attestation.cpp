#include "domain/authn/webauthn/attestation.h"

#include "base/crypto/der_reader.h"
#include "domain/authn/webauthn/attestation_formats.h"

#include <algorithm>
#include <array>

namespace sallyport::authn::webauthn {

namespace {

constexpr const char* oid_aaguid = "1.3.6.1.4.1.45724.1.1.4";

struct Format {
    std::string_view name;
    Result<Attestation> (*verify)(const AttestationInput&);
};

constexpr std::array<Format, 6> formats = {{
    {"packed", verify_packed},
    {"tpm", verify_tpm},
    {"android-key", verify_android_key},
    {"fido-u2f", verify_fido_u2f},
    {"none", verify_none},
    {"apple", verify_apple},
}};

}  // namespace

std::string_view to_text(AttestationType type) noexcept {
    switch (type) {
        case AttestationType::none:
            return "none";
        case AttestationType::self:
            return "self";
        case AttestationType::basic:
            return "basic";
        case AttestationType::attestation_ca:
            return "attestation_ca";
        case AttestationType::anonymization_ca:
            return "anonymization_ca";
    }
    return "";
}

Bytes AttestationInput::signed_bytes() const {
    Bytes out(authenticator_data.begin(), authenticator_data.end());
    out.insert(out.end(), client_data_hash.begin(), client_data_hash.end());
    return out;
}

Result<Attestation> verify_attestation(std::string_view format, const AttestationInput& input) {
    const auto found = std::ranges::find(formats, format, &Format::name);
    if (found == formats.end()) return refuse(Refusal::invalid, "webauthn.attestation_format");
    auto attestation = found->verify(input);
    if (attestation) attestation->format = format;
    return attestation;
}

std::unexpected<Refusal> bad_statement(Reason why) {
    return refuse(Refusal::invalid, "webauthn.attestation", std::string(why.text));
}

std::optional<BytesView> bytes_in(const AttestationInput& input, std::string_view name) {
    const auto* const member = input.statement.find(name);
    return member == nullptr ? std::nullopt : member->bytes();
}

std::optional<crypto::CoseAlgorithm> algorithm_in(const AttestationInput& input) {
    const auto* const member = input.statement.find("alg");
    const auto number = member == nullptr ? std::nullopt : member->integer();
    return number ? crypto::cose_algorithm(*number) : std::nullopt;
}

Result<std::vector<crypto::AttestationCertificate>> certificates_in(const AttestationInput& input) {
    const auto* const list = input.statement.find("x5c");
    if (list == nullptr || !list->is_array() || list->items().empty() ||
        list->items().size() > crypto::attestation_path_max) {
        return bad_statement("x5c: no list of certificates");
    }
    std::vector<crypto::AttestationCertificate> certificates;
    for (const auto& item : list->items()) {
        const auto der = item.bytes();
        if (!der) return bad_statement("x5c: no bytes");
        auto certificate = crypto::parse_attestation_certificate(*der);
        if (!certificate) return bad_statement("x5c: no certificate");
        certificates.push_back(*std::move(certificate));
    }
    return certificates;
}

bool aaguid_extension_agrees(
    const crypto::AttestationCertificate& certificate, const Aaguid& aaguid
) {
    const auto* const extension = certificate.extension(oid_aaguid);
    if (extension == nullptr) return true;
    crypto::DerReader reader(extension->value);
    const auto octets = reader.next(crypto::der_octet_string);
    return !extension->critical && octets && reader.at_end() &&
           std::ranges::equal(*octets, aaguid.bytes);
}

}  // namespace sallyport::authn::webauthn
