#include "domain/authn/webauthn/metadata_payload.h"

#include "domain/directory/bounded_json.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sallyport::authn::webauthn {

namespace {

using Json = nlohmann::json;
using directory::MemberReader;

constexpr std::size_t status_reports_max = 64;
constexpr std::size_t roots_max = 64;
constexpr std::size_t text_size_max = 512;
constexpr std::size_t certificate_text_max = 32768;

// FIDO Metadata Service §3.1.4, AuthenticatorStatus: those after which the authenticator's word, or
// its holder's, is not worth what it was.
constexpr std::array<std::string_view, 5> compromising = {
    "USER_VERIFICATION_BYPASS",
    "ATTESTATION_KEY_COMPROMISE",
    "USER_KEY_REMOTE_COMPROMISE",
    "USER_KEY_PHYSICAL_COMPROMISE",
    "REVOKED",
};

// "2026-12-01".
bool read_date(std::string_view text, std::chrono::sys_days& out) {
    const auto number = [&](std::size_t at, std::size_t size) {
        int value = -1;
        const auto* const end = text.data() + at + size;
        const auto [stopped, error] = std::from_chars(text.data() + at, end, value);
        return error == std::errc() && stopped == end ? value : -1;
    };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const int month = number(5, 2);
    const int day = number(8, 2);
    if (number(0, 4) < 0 || month < 0 || day < 0) return false;
    const std::chrono::year_month_day date(
        std::chrono::year(number(0, 4)),
        std::chrono::month(static_cast<unsigned>(month)),
        std::chrono::day(static_cast<unsigned>(day))
    );
    out = date;
    return date.ok();
}

std::string compromised_by(MemberReader& entry, const std::string& path, std::string& problem) {
    std::string first;
    for (const auto& report : entry.array("statusReports", status_reports_max)) {
        MemberReader members(report, path + ".statusReports", problem);
        const auto status = members.text("status", 1, text_size_max);
        const bool bad = std::ranges::find(compromising, status) != compromising.end();
        if (bad && first.empty()) first = status;
    }
    return first;
}

// Base64 with its line breaks, as some makers hand it in.
Result<crypto::AttestationCertificate> certificate_of(const Json& text) {
    const auto* const base64 = text.get_ptr<const std::string*>();
    if (base64 == nullptr || base64->size() > certificate_text_max) {
        return refuse(Refusal::invalid, "metadata.malformed");
    }
    std::string digits;
    std::ranges::copy_if(*base64, std::back_inserter(digits), [](char c) {
        return c != '\r' && c != '\n' && c != ' ' && c != '\t';
    });
    SP_TRY(const auto der, from_base64(digits));
    return crypto::parse_attestation_certificate(der);
}

AuthenticatorMetadata authenticator(const Json& object, const std::string& path, std::string& why) {
    MemberReader entry(object, path, why);
    AuthenticatorMetadata out;
    const auto aaguid = parse_aaguid(entry.text("aaguid", 1, text_size_max));
    if (aaguid) {
        out.aaguid = *aaguid;
    } else {
        entry.complain("aaguid", "is none");
    }
    out.compromised = compromised_by(entry, path, why);
    if (!entry.has("metadataStatement")) return out;
    MemberReader statement(entry.object("metadataStatement"), path + ".metadataStatement", why);
    out.description = statement.text("description", 1, text_size_max);
    for (const auto& text : statement.array("attestationRootCertificates", roots_max)) {
        if (auto root = certificate_of(text)) out.roots.push_back(*std::move(root));
    }
    return out;
}

}  // namespace

Result<MetadataBlob> parse_metadata_payload(std::string_view json) {
    Json document;
    std::string problem;
    if (!directory::parse_bounded_json(json, metadata_blob_size_max, document, problem)) {
        return refuse(Refusal::invalid, "metadata.malformed", problem);
    }
    MemberReader members(document, "", problem);
    MetadataBlob blob;
    blob.number = members.integer("no", 0, INT64_MAX);
    if (!read_date(members.text("nextUpdate", 1, text_size_max), blob.next_update)) {
        members.complain("nextUpdate", "is no date");
    }
    std::size_t index = 0;
    for (const auto& entry : members.array("entries", metadata_entries_max)) {
        const auto path = "entries." + std::to_string(index++);
        if (entry.is_object() && !entry.contains("aaguid")) continue;
        blob.authenticators.push_back(authenticator(entry, path, problem));
    }
    if (!problem.empty()) return refuse(Refusal::invalid, "metadata.malformed", problem);
    return blob;
}

}  // namespace sallyport::authn::webauthn
