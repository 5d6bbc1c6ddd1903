#include "base/crypto/certificate_extensions.h"

#include "base/crypto/asn1_values.h"
#include "base/crypto/x509.h"

#include <algorithm>
#include <utility>

namespace sallyport::crypto {

namespace {

using DistributionPoints = openssl::Owned<CRL_DIST_POINTS, CRL_DIST_POINTS_free>;
using AccessDescriptions = openssl::Owned<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>;
using Purposes = openssl::Owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;

std::unexpected<Refusal> malformed(const char* what) {
    return refuse(Refusal::invalid, "certificate.malformed", what);
}

std::unexpected<Refusal> too_large(const char* what) {
    return refuse(Refusal::invalid, "certificate.too_large", what);
}

// The extension `nid` as OpenSSL's `Owner` holds it; null if there is none.
template <class Owner>
Result<Owner> extension_of(const x509_st* certificate, int nid) {
    int critical = -1;
    Owner value(static_cast<Owner::pointer>(X509_get_ext_d2i(certificate, nid, &critical, nullptr))
    );
    if (value == nullptr && critical != -1) return malformed(OBJ_nid2sn(nid));
    return value;
}

// Adds a URL if it is one that we fetch from: LDAP and file URLs are common beside it.
Result<void> add_url(std::vector<std::string>& urls, const GENERAL_NAME& name) {
    if (name.type != GEN_URI) return {};
    auto url = openssl::text_of(name.d.uniformResourceIdentifier);
    if (!url || url->size() > name_value_size_max) {
        return refuse(Refusal::invalid, "certificate.ambiguous_name", "URL");
    }
    if (!url->starts_with("http://") && !url->starts_with("https://")) return {};
    if (urls.size() == certificate_urls_max) return too_large("URLs");
    urls.push_back(*std::move(url));
    return {};
}

}  // namespace

Result<std::vector<CertificateExtension>> read_extensions(const x509_st* certificate) {
    std::vector<CertificateExtension> extensions;
    const int count = X509_get_ext_count(certificate);
    if (count > static_cast<int>(certificate_extensions_max)) return too_large("extensions");
    for (int i = 0; i < count; ++i) {
        auto* extension = X509_get_ext(certificate, i);
        auto oid = openssl::oid_text(X509_EXTENSION_get_object(extension));
        if (!oid) return malformed("an extension's OID");
        if (std::ranges::count(extensions, *oid, &CertificateExtension::oid) > 0) {
            return malformed("a repeated extension");
        }
        extensions.push_back({
            .oid = *std::move(oid),
            .critical = X509_EXTENSION_get_critical(extension) == 1,
            .value = openssl::bytes_of(X509_EXTENSION_get_data(extension)),
        });
    }
    return extensions;
}

Result<std::optional<std::vector<std::string>>> read_purposes(const x509_st* certificate) {
    SP_TRY(const auto all, extension_of<Purposes>(certificate, NID_ext_key_usage));
    if (all == nullptr) return std::nullopt;
    if (sk_ASN1_OBJECT_num(all.get()) > static_cast<int>(certificate_purposes_max)) {
        return too_large("purposes");
    }
    std::vector<std::string> purposes;
    for (int i = 0; i < sk_ASN1_OBJECT_num(all.get()); ++i) {
        auto oid = openssl::oid_text(sk_ASN1_OBJECT_value(all.get(), i));
        if (!oid) return malformed("a purpose");
        purposes.push_back(*std::move(oid));
    }
    return purposes;
}

Result<std::vector<std::string>> read_crl_urls(const x509_st* certificate) {
    std::vector<std::string> urls;
    SP_TRY(
        const auto points,
        extension_of<DistributionPoints>(certificate, NID_crl_distribution_points)
    );
    for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
        const auto* point = sk_DIST_POINT_value(points.get(), i);
        constexpr int full_name = 0;
        if (point->distpoint == nullptr || point->distpoint->type != full_name) continue;
        const auto* names = point->distpoint->name.fullname;
        for (int j = 0; j < sk_GENERAL_NAME_num(names); ++j) {
            SP_CHECK(add_url(urls, *sk_GENERAL_NAME_value(names, j)));
        }
    }
    return urls;
}

Result<std::vector<std::string>> read_ocsp_urls(const x509_st* certificate) {
    std::vector<std::string> urls;
    SP_TRY(const auto all, extension_of<AccessDescriptions>(certificate, NID_info_access));
    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(all.get()); ++i) {
        const auto* description = sk_ACCESS_DESCRIPTION_value(all.get(), i);
        if (OBJ_obj2nid(description->method) != NID_ad_OCSP) continue;
        SP_CHECK(add_url(urls, *description->location));
    }
    return urls;
}

}  // namespace sallyport::crypto
