#include "base/crypto/subject_names.h"

#include "base/crypto/asn1_values.h"

#include <optional>
#include <utility>

namespace sallyport::crypto {

namespace {

using openssl::GeneralNames;

std::unexpected<Refusal> ambiguous(std::string what) {
    return refuse(Refusal::invalid, "certificate.ambiguous_name", std::move(what));
}

// E-mail addresses, host names and URIs are IA5String. Empty ones name nothing and are refused
// too (RFC 5280 §4.2.1.6).
Result<void> add_text(std::vector<std::string>& names, const ASN1_STRING* value, const char* kind) {
    auto text = openssl::text_of(value);
    if (!text || text->empty() || text->size() > name_value_size_max) return ambiguous(kind);
    names.push_back(*std::move(text));
    return {};
}

// A text that is text whoever wrote it: a UPN is a UTF8String, some write IA5String.
Result<void> add_principal(SubjectNames& names, const ASN1_TYPE* value) {
    if (value->type != V_ASN1_UTF8STRING && value->type != V_ASN1_IA5STRING) {
        return ambiguous("user principal name");
    }
    return add_text(names.user_principal_names, value->value.asn1_string, "user principal name");
}

Result<void> add_other(SubjectNames& names, const OTHERNAME& other) {
    if (openssl::oid_text(other.type_id) == oid::user_principal_name) {
        return add_principal(names, other.value);
    }
    ++names.others;
    return {};
}

Result<void> add(SubjectNames& names, const GENERAL_NAME& name) {
    switch (name.type) {
        case GEN_EMAIL:
            return add_text(names.emails, name.d.rfc822Name, "e-mail");
        case GEN_DNS:
            return add_text(names.dns_names, name.d.dNSName, "host name");
        case GEN_URI:
            return add_text(names.uris, name.d.uniformResourceIdentifier, "URI");
        case GEN_OTHERNAME:
            return add_other(names, *name.d.otherName);
        case GEN_DIRNAME: {
            SP_TRY(auto directory_name, DistinguishedName::read(name.d.directoryName));
            names.directory_names.push_back(std::move(directory_name));
            return {};
        }
        default:
            ++names.others;
            return {};
    }
}

Result<void> add_all(SubjectNames& names, const GENERAL_NAMES* all) {
    const int count = sk_GENERAL_NAME_num(all);
    if (static_cast<std::size_t>(count) > subject_names_max) {
        return refuse(Refusal::invalid, "certificate.too_large", "names");
    }
    for (int i = 0; i < count; ++i) {
        SP_CHECK(add(names, *sk_GENERAL_NAME_value(all, i)));
    }
    return {};
}

// The extension's value is spelt like a GeneralNames with one otherName that holds the SID as text
// in an OCTET STRING.
Result<void> add_security_identifiers(SubjectNames& names, const X509_EXTENSION* extension) {
    const auto* value = X509_EXTENSION_get_data(const_cast<X509_EXTENSION*>(extension));
    const auto* at = ASN1_STRING_get0_data(value);
    const auto* const end = at + ASN1_STRING_length(value);
    const GeneralNames all(d2i_GENERAL_NAMES(nullptr, &at, ASN1_STRING_length(value)));
    if (all == nullptr || at != end) {
        return refuse(Refusal::invalid, "certificate.malformed", "SID");
    }
    for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
        const auto& name = *sk_GENERAL_NAME_value(all.get(), i);
        if (name.type != GEN_OTHERNAME) continue;
        const auto& other = *name.d.otherName;
        if (openssl::oid_text(other.type_id) != oid::ntds_object_sid) continue;
        if (other.value->type != V_ASN1_OCTET_STRING) return ambiguous("SID");
        const auto sid = openssl::bytes_of(other.value->value.octet_string);
        constexpr std::size_t sid_size_max = 184;
        const auto text = as_text(sid);
        const bool well_formed = text.starts_with("S-1-") && text.size() <= sid_size_max &&
                                 text.find_first_not_of("S-0123456789") == std::string_view::npos;
        if (!well_formed) return ambiguous("SID");
        names.security_identifiers.emplace_back(text);
    }
    return {};
}

}  // namespace

Result<SubjectNames> read_subject_names(const x509_st* certificate) {
    SubjectNames names;
    int critical = -1;
    const GeneralNames all(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr)
    ));
    // Without a value, -1 says that there is no such extension; all else is malformed or repeated.
    if (all == nullptr && critical != -1) {
        return refuse(Refusal::invalid, "certificate.malformed", "subjectAltName");
    }
    if (all != nullptr) SP_CHECK(add_all(names, all.get()));

    for (int i = 0; i < X509_get_ext_count(certificate); ++i) {
        auto* extension = X509_get_ext(certificate, i);
        if (openssl::oid_text(X509_EXTENSION_get_object(extension)) != oid::ntds_security) continue;
        SP_CHECK(add_security_identifiers(names, extension));
    }
    return names;
}

}  // namespace sallyport::crypto
