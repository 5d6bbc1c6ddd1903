#include "base/crypto/distinguished_name.h"

#include "base/core/ascii.h"
#include "base/crypto/asn1_values.h"

#include <openssl/bio.h>

#include <algorithm>
#include <tuple>

namespace sallyport::crypto {

namespace {

using openssl::require;

std::string rfc4514_text(const X509_NAME* name) {
    const openssl::Owned<BIO, BIO_free_all> text(BIO_new(BIO_s_mem()));
    require(text != nullptr, "no memory for a name");
    // Text beyond ASCII stays as it is: a log in \C3\BC reads nobody. Controls were refused before.
    const unsigned long flags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    require(X509_NAME_print_ex(text.get(), name, 0, flags) >= 0, "the text of a name");
    char* data = nullptr;
    const auto size = BIO_get_mem_data(text.get(), &data);
    return size <= 0 ? std::string() : std::string(data, static_cast<std::size_t>(size));
}

// RFC 5280 §7.1 with RFC 4518's folding of spaces: none at the ends, one between words.
std::string folded(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
        out += to_lower(c);
    }
    while (!out.empty() && out.back() == ' ') {
        out.pop_back();
    }
    return out;
}

// Attributes of one RDN are a set: their order says nothing.
Bytes canonical_form(std::vector<NameAttribute> attributes) {
    for (auto& attribute : attributes) {
        attribute.value = folded(attribute.value);
    }
    std::ranges::sort(attributes, {}, [](const NameAttribute& a) {
        return std::tie(a.group, a.oid, a.value);
    });
    ByteWriter out;
    for (const auto& [oid, value, group] : attributes) {
        out.u16(static_cast<std::uint16_t>(group));
        out.u16(static_cast<std::uint16_t>(oid.size()));
        out.put(as_bytes(oid));
        out.u16(static_cast<std::uint16_t>(value.size()));
        out.put(as_bytes(value));
    }
    return std::move(out).take();
}

}  // namespace

Result<DistinguishedName> DistinguishedName::read(const X509_NAME* name) {
    DistinguishedName read;
    const int count = X509_NAME_entry_count(name);
    if (count < 0 || static_cast<std::size_t>(count) > name_attributes_max) {
        return refuse(Refusal::invalid, "certificate.ambiguous_name", "too many attributes");
    }
    for (int i = 0; i < count; ++i) {
        const auto* entry = X509_NAME_get_entry(name, i);
        auto oid = openssl::oid_text(X509_NAME_ENTRY_get_object(entry));
        auto value = openssl::text_of(X509_NAME_ENTRY_get_data(entry));
        if (!oid || !value || value->size() > name_value_size_max) {
            return refuse(
                Refusal::invalid, "certificate.ambiguous_name", oid.value_or("an attribute")
            );
        }
        read.attributes_.push_back({*std::move(oid), *std::move(value), X509_NAME_ENTRY_set(entry)}
        );
    }
    read.text_ = rfc4514_text(name);
    read.canonical_ = canonical_form(read.attributes_);
    return read;
}

std::vector<std::string> DistinguishedName::values(std::string_view oid) const {
    std::vector<std::string> found;
    for (const auto& attribute : attributes_) {
        if (attribute.oid == oid) found.push_back(attribute.value);
    }
    return found;
}

}  // namespace sallyport::crypto
