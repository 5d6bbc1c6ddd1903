#include "domain/authn/webauthn/authenticator_metadata.h"

#include "domain/authn/webauthn/metadata_payload.h"
#include "domain/directory/bounded_json.h"

#include <algorithm>
#include <optional>

namespace sallyport::authn::webauthn {

namespace {

constexpr std::size_t header_size_max = 65536;
constexpr std::size_t algorithm_size_max = 16;
constexpr std::size_t es256_signature_size = 64;  // RFC 7518 §3.4
constexpr const char* oid_common_name = "2.5.4.3";

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "metadata.malformed");
}

// RFC 7515 §7.1: three parts, the first two of which are signed as they stand.
struct CompactJws {
    BytesView signed_bytes;
    Bytes header;
    Bytes payload;
    Bytes signature;
};

Result<CompactJws> split(BytesView jws) {
    const auto text = as_text(jws);
    const auto first = text.find('.');
    const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos || jws.size() > metadata_blob_size_max) return malformed();
    SP_TRY(auto header, from_base64url(text.substr(0, first)));
    SP_TRY(auto payload, from_base64url(text.substr(first + 1, second - first - 1)));
    SP_TRY(auto signature, from_base64url(text.substr(second + 1)));
    return CompactJws{
        .signed_bytes = jws.first(second),
        .header = std::move(header),
        .payload = std::move(payload),
        .signature = std::move(signature),
    };
}

struct Header {
    crypto::CoseAlgorithm algorithm;
    std::vector<crypto::AttestationCertificate> path;
};

Result<Header> parse_header(BytesView bytes) {
    nlohmann::json document;
    std::string problem;
    if (!directory::parse_bounded_json(as_text(bytes), header_size_max, document, problem)) {
        return malformed();
    }
    directory::MemberReader members(document, "", problem);
    const auto name = members.text("alg", 1, algorithm_size_max);
    Header header{};
    for (const auto& item : members.array("x5c", crypto::attestation_path_max)) {
        const auto* const text = item.get_ptr<const std::string*>();
        if (text == nullptr) return malformed();
        SP_TRY(const auto der, from_base64(*text));
        SP_TRY(auto certificate, crypto::parse_attestation_certificate(der));
        header.path.push_back(std::move(certificate));
    }
    // RFC 7515 §4.1.11: what "crit" names must be understood, and nothing is.
    if (members.has("crit") || !problem.empty() || header.path.empty()) return malformed();
    if (name == "RS256") {
        header.algorithm = crypto::CoseAlgorithm::rs256;
    } else if (name == "ES256") {
        header.algorithm = crypto::CoseAlgorithm::es256;
    } else {
        return refuse(Refusal::invalid, "metadata.algorithm");
    }
    return header;
}

// RFC 6125 §6.4.4: the common name only where there are no alternative names.
bool is_signer(const crypto::AttestationCertificate& certificate, const std::string& name) {
    if (!certificate.dns_names.empty()) {
        return std::ranges::find(certificate.dns_names, name) != certificate.dns_names.end();
    }
    const auto names = crypto::values_of(certificate.subject, oid_common_name);
    return names.size() == 1 && names.front() == name;
}

bool signature_holds(const CompactJws& jws, const Header& header) {
    const auto& key = header.path.front().public_key;
    if (header.algorithm != crypto::CoseAlgorithm::es256) {
        return key.verify(header.algorithm, jws.signed_bytes, jws.signature);
    }
    if (jws.signature.size() != es256_signature_size) return false;
    return key.verify(
        header.algorithm, jws.signed_bytes, crypto::ecdsa_signature_to_der(jws.signature)
    );
}

}  // namespace

Result<MetadataBlob> verify_metadata_blob(
    BytesView jws, const MetadataTrust& trust, Time now, std::int64_t last_number
) {
    const auto parts = split(jws);
    if (!parts) return malformed();
    auto header = parse_header(parts->header);
    if (!header) {
        if (header.error().reason == "metadata.algorithm") {
            return std::unexpected(std::move(header).error());
        }
        return malformed();
    }
    const auto trusted =
        crypto::verify_attestation_path(header->path, std::span(&trust.root, 1), now);
    if (!trusted || !is_signer(header->path.front(), trust.signer)) {
        return refuse(Refusal::unauthenticated, "metadata.untrusted");
    }
    if (!signature_holds(*parts, *header)) {
        return refuse(Refusal::unauthenticated, "metadata.signature");
    }

    SP_TRY(auto blob, parse_metadata_payload(as_text(parts->payload)));
    if (blob.number <= last_number) return refuse(Refusal::conflict, "metadata.replayed");
    // The day of the next update still counts.
    if (now >= blob.next_update + std::chrono::days(1)) {
        return refuse(Refusal::expired, "metadata.outdated");
    }
    return blob;
}

const AuthenticatorMetadata* find_authenticator(
    std::span<const AuthenticatorMetadata> authenticators, const Aaguid& aaguid
) noexcept {
    const auto found = std::ranges::find(authenticators, aaguid, &AuthenticatorMetadata::aaguid);
    return found == authenticators.end() ? nullptr : &*found;
}

}  // namespace sallyport::authn::webauthn
