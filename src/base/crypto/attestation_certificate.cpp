#include "base/crypto/attestation_certificate.h"

#include "base/core/utf8.h"
#include "base/crypto/openssl.h"
#include "base/crypto/x509.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <utility>

namespace sallyport::crypto {

namespace {

using openssl::require;

using Certificate = openssl::Owned<X509, X509_free>;
using GeneralNames = openssl::Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using KeyUsages = openssl::Owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "certificate.malformed");
}

Certificate decoded(BytesView der) {
    if (der.size() > attestation_certificate_size_max) return nullptr;
    const auto* at = openssl::in(der);
    Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (at != openssl::in(der) + der.size()) return nullptr;
    return certificate;
}

Bytes bytes_of(const ASN1_STRING* string) {
    const auto* const data = reinterpret_cast<const std::byte*>(ASN1_STRING_get0_data(string));
    return {data, data + ASN1_STRING_length(string)};
}

// Dotted. Empty if it is longer than any that is asked for.
std::string oid_text(const ASN1_OBJECT* object) {
    std::array<char, 80> text{};
    const int size = OBJ_obj2txt(text.data(), text.size(), object, 1);
    if (size <= 0 || static_cast<std::size_t>(size) >= text.size()) return {};
    return {text.data(), static_cast<std::size_t>(size)};
}

Result<Time> time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return malformed();
    using namespace std::chrono;
    const auto day = sys_days(
        year(parts.tm_year + 1900) / month(static_cast<unsigned>(parts.tm_mon) + 1) /
        std::chrono::day(static_cast<unsigned>(parts.tm_mday))
    );
    return Time(day) + hours(parts.tm_hour) + minutes(parts.tm_min) + seconds(parts.tm_sec);
}

Result<void> add_attributes(const X509_NAME* name, std::vector<AttestationAttribute>& out) {
    for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
        const auto* const entry = X509_NAME_get_entry(name, i);
        unsigned char* text = nullptr;
        const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
        if (size < 0) return malformed();
        const auto release = [](unsigned char* bytes) { OPENSSL_free(bytes); };
        const std::unique_ptr<unsigned char, decltype(release)> owned(text, release);
        std::string value(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
        // A zero in a name is read differently by different programs.
        if (!is_utf8(value) || value.contains('\0')) return malformed();
        out.push_back(
            {.oid = oid_text(X509_NAME_ENTRY_get_object(entry)), .value = std::move(value)}
        );
    }
    return {};
}

Result<void> add_extensions(const X509* certificate, AttestationCertificate& out) {
    for (int i = 0; i < X509_get_ext_count(certificate); ++i) {
        auto* const extension = X509_get_ext(certificate, i);
        auto oid = oid_text(X509_EXTENSION_get_object(extension));
        if (out.extension(oid) != nullptr) return malformed();  // RFC 5280 §4.2: once
        out.extensions.push_back({
            .oid = std::move(oid),
            .critical = X509_EXTENSION_get_critical(extension) == 1,
            .value = bytes_of(X509_EXTENSION_get_data(extension)),
        });
    }
    return {};
}

// OpenSSL gives null with -1 for an extension that is not there, and with another for one that it
// cannot read.
bool is_absent(int critical) {
    return critical == -1;
}

Result<void> add_alternative_names(const X509* certificate, AttestationCertificate& out) {
    int critical = 0;
    const GeneralNames names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr)
    ));
    if (names == nullptr && is_absent(critical)) return {};
    if (names == nullptr) return malformed();
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        int type = 0;
        const auto* const value =
            GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
        if (type == GEN_DIRNAME) {
            SP_CHECK(add_attributes(static_cast<const X509_NAME*>(value), out.alternative_directory)
            );
        } else if (type == GEN_DNS) {
            const auto bytes = bytes_of(static_cast<const ASN1_STRING*>(value));
            out.dns_names.emplace_back(as_text(bytes));
        }
    }
    return {};
}

Result<void> add_key_usages(const X509* certificate, AttestationCertificate& out) {
    int critical = 0;
    const KeyUsages usages(static_cast<EXTENDED_KEY_USAGE*>(
        X509_get_ext_d2i(certificate, NID_ext_key_usage, &critical, nullptr)
    ));
    if (usages == nullptr) {
        if (is_absent(critical)) return {};
        return malformed();
    }
    for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
        out.extended_key_usages.push_back(oid_text(sk_ASN1_OBJECT_value(usages.get(), i)));
    }
    return {};
}

}  // namespace

const AttestationExtension* AttestationCertificate::extension(std::string_view oid) const noexcept {
    const auto found = std::ranges::find(extensions, oid, &AttestationExtension::oid);
    return found == extensions.end() ? nullptr : &*found;
}

std::vector<std::string_view> values_of(
    std::span<const AttestationAttribute> attributes, std::string_view oid
) {
    std::vector<std::string_view> values;
    for (const auto& attribute : attributes) {
        if (attribute.oid == oid) values.emplace_back(attribute.value);
    }
    return values;
}

Result<AttestationCertificate> parse_attestation_certificate(BytesView der) {
    const openssl::ErrorsDropped dropped;
    const auto certificate = decoded(der);
    if (certificate == nullptr) return malformed();
    unsigned char* spki = nullptr;
    const int spki_size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &spki);
    if (spki_size <= 0) return malformed();
    const auto release = [](unsigned char* bytes) { OPENSSL_free(bytes); };
    const std::unique_ptr<unsigned char, decltype(release)> owned(spki, release);
    const BytesView key_der(
        reinterpret_cast<const std::byte*>(spki), static_cast<std::size_t>(spki_size)
    );
    SP_TRY(auto key, PublicKey::from_spki(key_der));

    AttestationCertificate out{
        .der = Bytes(der.begin(), der.end()),
        .version = static_cast<int>(X509_get_version(certificate.get())) + 1,
        .public_key = std::move(key),
    };
    // OpenSSL judges all known extensions here, and remembers that one is wrong.
    const auto flags = X509_get_extension_flags(certificate.get());
    if ((flags & EXFLAG_INVALID) != 0) return malformed();
    out.has_basic_constraints = (flags & EXFLAG_BCONS) != 0;
    out.is_ca = (flags & EXFLAG_CA) != 0;
    SP_CHECK(add_attributes(X509_get_subject_name(certificate.get()), out.subject));
    SP_CHECK(add_extensions(certificate.get(), out));
    SP_CHECK(add_alternative_names(certificate.get(), out));
    SP_CHECK(add_key_usages(certificate.get(), out));
    SP_TRY(out.not_before, time_of(X509_get0_notBefore(certificate.get())));
    SP_TRY(out.not_after, time_of(X509_get0_notAfter(certificate.get())));
    return out;
}

}  // namespace sallyport::crypto
