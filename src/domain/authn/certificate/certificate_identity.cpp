#include "domain/authn/certificate/certificate_identity.h"

#include "base/core/ascii.h"
#include "base/core/bytes.h"
#include "base/core/fault.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace sallyport::authn {

namespace {

using crypto::Certificate;

// Names that people share: common name, surname, given name, initials, title, pseudonym, "name".
constexpr std::array<std::string_view, 7> shared_attributes = {
    "2.5.4.3", "2.5.4.4", "2.5.4.42", "2.5.4.43", "2.5.4.12", "2.5.4.65", "2.5.4.41"
};

bool is_by_name(IdentitySource source) {
    return source != IdentitySource::fingerprint && source != IdentitySource::issuer_and_serial;
}

bool is_dotted(std::string_view oid) {
    return !oid.empty() && is_digit(oid.front()) && is_digit(oid.back()) &&
           oid.find('.') != std::string_view::npos && oid.find("..") == std::string_view::npos &&
           oid.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string small(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), to_lower);
    return out;
}

bool is_label(std::string_view label) {
    constexpr std::size_t label_size_max = 63;
    const auto is_inner = [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; };
    return !label.empty() && label.size() <= label_size_max && label.front() != '-' &&
           label.back() != '-' && std::ranges::all_of(label, is_inner);
}

// RFC 1123 §2.1: letters, digits, hyphens; so an internationalised name in its ASCII form only, and
// no wildcard.
std::optional<std::string> host_name(std::string_view text) {
    if (text.size() > identity_size_max) return std::nullopt;
    for (auto rest = text;;) {
        const auto dot = rest.find('.');
        if (!is_label(rest.substr(0, dot))) return std::nullopt;
        if (dot == std::string_view::npos) return small(text);
        rest.remove_prefix(dot + 1);
    }
}

// One @, a plain local part without quoting. '$' ends the names of computers in Active Directory.
std::optional<std::string> address(std::string_view text) {
    const auto at = text.find('@');
    if (at == 0 || at == std::string_view::npos || text.size() > identity_size_max) {
        return std::nullopt;
    }
    const auto local = text.substr(0, at);
    const auto is_plain = [](char c) {
        constexpr std::string_view others = "._-+'";
        return is_alpha(c) || is_digit(c) || others.find(c) != std::string_view::npos;
    };
    if (!std::ranges::all_of(local, is_plain) || !host_name(text.substr(at + 1))) {
        return std::nullopt;
    }
    return small(text);
}

std::optional<std::string> printable(std::string_view text) {
    const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
    const bool plain = !text.empty() && text.size() <= identity_size_max && text.front() != ' ' &&
                       text.back() != ' ' && std::ranges::all_of(text, is_printable);
    if (!plain) return std::nullopt;
    return std::string(text);
}

std::string issuer_and_serial(const AcceptedCertificate& certificate) {
    return to_hex(certificate.chain().issuer_of(0)->key.spki_sha256) + ":" +
           to_hex(certificate.leaf()->serial);
}

// Each value of the rule's kind, in its one spelling; nothing for a value that has none.
std::vector<std::optional<std::string>> values(
    const AcceptedCertificate& certificate, const MappingRule& rule
) {
    const auto& names = certificate.leaf()->names;
    const auto each = [](const std::vector<std::string>& texts, auto spelling) {
        std::vector<std::optional<std::string>> out;
        std::ranges::transform(texts, std::back_inserter(out), spelling);
        return out;
    };
    switch (rule.source) {
        case IdentitySource::fingerprint:
            return {to_hex(certificate.leaf()->fingerprint)};
        case IdentitySource::issuer_and_serial:
            return {issuer_and_serial(certificate)};
        case IdentitySource::security_identifier:
            return each(names.security_identifiers, printable);
        case IdentitySource::user_principal_name:
            return each(names.user_principal_names, address);
        case IdentitySource::email:
            return each(names.emails, address);
        case IdentitySource::subject_attribute:
            return each(certificate.leaf()->subject.values(rule.attribute), printable);
        case IdentitySource::dns_name:
            return each(names.dns_names, host_name);
    }
    throw Fault("no such source of an identity");
}

bool is_from(const AcceptedCertificate& certificate, const MappingRule& rule) {
    if (rule.issuer_keys.empty()) return true;
    const auto& key = certificate.chain().issuer_of(0)->key.spki_sha256;
    return std::ranges::find(rule.issuer_keys, key) != rule.issuer_keys.end();
}

}  // namespace

Result<void> check_mapping_rule(const MappingRule& rule) {
    const bool by_attribute = rule.source == IdentitySource::subject_attribute;
    if (by_attribute ? !is_dotted(rule.attribute) : !rule.attribute.empty()) {
        return refuse(Refusal::invalid, "mapping.attribute_malformed");
    }
    if (std::ranges::find(shared_attributes, rule.attribute) != shared_attributes.end()) {
        return refuse(Refusal::invalid, "mapping.attribute_not_unique");
    }
    if (is_by_name(rule.source) && rule.issuer_keys.empty()) {
        return refuse(Refusal::invalid, "mapping.issuer_missing");
    }
    return {};
}

Result<CertificateIdentity> identity_of(
    const AcceptedCertificate& certificate, const MappingRule& rule
) {
    SP_CHECK(check_mapping_rule(rule));
    if (!is_from(certificate, rule)) {
        return refuse(Refusal::unauthenticated, "certificate.no_identity", "another issuer");
    }
    std::set<std::string> found;
    for (auto& value : values(certificate, rule)) {
        if (!value) {
            return refuse(
                Refusal::unauthenticated, "certificate.ambiguous_identity", "not a plain value"
            );
        }
        found.insert(*std::move(value));
    }
    if (found.empty()) return refuse(Refusal::unauthenticated, "certificate.no_identity");
    if (found.size() > 1) {
        return refuse(Refusal::unauthenticated, "certificate.ambiguous_identity", "several values");
    }
    return CertificateIdentity{
        .source = rule.source,
        .value = *found.begin(),
        .issued_at = certificate.leaf()->valid_from,
    };
}

Result<CertificateIdentity> identity_of(
    const AcceptedCertificate& certificate, std::span<const MappingRule> rules
) {
    for (const auto& rule : rules) {
        auto found = identity_of(certificate, rule);
        if (found || found.error().reason != "certificate.no_identity") return found;
    }
    return refuse(Refusal::unauthenticated, "certificate.no_identity");
}

}  // namespace sallyport::authn
