#include "base/crypto/certificate.h"

#include "base/crypto/asn1_values.h"
#include "base/crypto/certificate_extensions.h"
#include "base/crypto/pem.h"
#include "base/crypto/x509.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sallyport::crypto {

namespace {

using openssl::require;

std::unexpected<Refusal> malformed(std::string what) {
    return refuse(Refusal::invalid, "certificate.malformed", std::move(what));
}

// Whether the outer shell is DER. OpenSSL reads BER as well, and then one certificate would have
// many fingerprints. (What is signed inside keeps the bytes that were signed.)
bool is_der(const X509* certificate, BytesView given) {
    const auto again = openssl::der_of(certificate, i2d_X509);
    return std::ranges::equal(again, given);
}

std::string curve_of(const EVP_PKEY* key) {
    std::array<char, 64> name{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) return {};
    return {name.data(), size};
}

Result<SubjectKey> key_of(X509* certificate) {
    SubjectKey key;
    const auto* spki = X509_get_X509_PUBKEY(certificate);
    key.spki = openssl::der_of(spki, i2d_X509_PUBKEY);
    key.spki_sha256 = sha256(key.spki);
    const auto* parsed = X509_get0_pubkey(certificate);
    if (parsed == nullptr) return refuse(Refusal::invalid, "certificate.unsupported_key");
    key.bits = EVP_PKEY_get_bits(parsed);
    switch (EVP_PKEY_get_base_id(parsed)) {
        case EVP_PKEY_RSA:
        case EVP_PKEY_RSA_PSS:
            key.kind = KeyKind::rsa;
            if (key.bits > certificate_rsa_bits_max) {
                return refuse(Refusal::invalid, "certificate.unsupported_key", "RSA too long");
            }
            break;
        case EVP_PKEY_EC:
            key.kind = KeyKind::ec;
            key.curve = curve_of(parsed);
            break;
        case EVP_PKEY_ED25519:
            key.kind = KeyKind::ed25519;
            break;
        default:
            break;
    }
    return key;
}

// Only what X509_check_purpose() has cached; malformed ones were refused by then.
void read_basic_extensions(CertificateContents& contents, X509* certificate) {
    const auto flags = X509_get_extension_flags(certificate);
    contents.is_ca = (flags & EXFLAG_CA) != 0;
    if ((flags & EXFLAG_KUSAGE) != 0) {
        contents.key_usage = static_cast<std::uint16_t>(X509_get_key_usage(certificate));
    }
    if (const auto* id = X509_get0_subject_key_id(certificate)) {
        contents.subject_key_id = openssl::bytes_of(id);
    }
    if (const auto* id = X509_get0_authority_key_id(certificate)) {
        contents.authority_key_id = openssl::bytes_of(id);
    }
}

Result<CertificateContents> read(X509* certificate, BytesView der) {
    // Reads all extensions that OpenSSL knows, and notes whether one of them is malformed.
    X509_check_purpose(certificate, -1, 0);
    if ((X509_get_extension_flags(certificate) & EXFLAG_INVALID) != 0) {
        return malformed("an extension");
    }
    SP_TRY(auto subject, DistinguishedName::read(X509_get_subject_name(certificate)));
    SP_TRY(auto issuer, DistinguishedName::read(X509_get_issuer_name(certificate)));
    auto serial = openssl::number_of(X509_get0_serialNumber(certificate));
    if (!serial) return malformed("serial number");
    const auto from = openssl::time_of(X509_get0_notBefore(certificate));
    const auto until = openssl::time_of(X509_get0_notAfter(certificate));
    if (!from || !until) return malformed("validity");
    SP_TRY(auto key, key_of(certificate));
    SP_TRY(auto extensions, read_extensions(certificate));
    SP_TRY(auto names, read_subject_names(certificate));
    SP_TRY(auto purposes, read_purposes(certificate));
    SP_TRY(auto crl_urls, read_crl_urls(certificate));
    SP_TRY(auto ocsp_urls, read_ocsp_urls(certificate));
    CertificateContents contents{
        .der = {der.begin(), der.end()},
        .fingerprint = sha256(der),
        .subject = std::move(subject),
        .issuer = std::move(issuer),
        .serial = *std::move(serial),
        .valid_from = *from,
        .valid_until = *until,
        .key = std::move(key),
        .is_ca = false,
        .key_usage = {},
        .purposes = std::move(purposes),
        .names = std::move(names),
        .crl_urls = std::move(crl_urls),
        .ocsp_urls = std::move(ocsp_urls),
        .subject_key_id = {},
        .authority_key_id = {},
        .extensions = std::move(extensions),
    };
    read_basic_extensions(contents, certificate);
    return contents;
}

}  // namespace

Result<Certificate> Certificate::from_der(BytesView der) {
    if (der.size() > certificate_size_max) return refuse(Refusal::invalid, "certificate.too_large");
    const openssl::ErrorsDropped dropped;
    const auto* at = openssl::in(der);
    openssl::CertificateObject object(
        der.empty() ? nullptr : d2i_X509(nullptr, &at, static_cast<long>(der.size()))
    );
    if (object == nullptr || at != openssl::in(der) + der.size() || !is_der(object.get(), der)) {
        return malformed("not DER");
    }
    SP_TRY(auto contents, read(object.get(), der));
    Certificate certificate;
    certificate.contents_ = std::make_shared<const CertificateContents>(std::move(contents));
    certificate.parsed_ = std::shared_ptr<x509_st>(object.release(), X509_free);
    return certificate;
}

Result<Certificate> Certificate::from_pem(std::string_view text) {
    SP_TRY(auto certificates, all_from_pem(text, 1));
    return std::move(certificates.front());
}

Result<std::vector<Certificate>> Certificate::all_from_pem(
    std::string_view text, std::size_t count_max
) {
    // Base64 needs a third more; remarks about a certificate may be longer than itself.
    const PemLimits limits{
        .text_size_max = count_max * certificate_size_max * 4, .blocks_max = count_max
    };
    SP_TRY(const auto blocks, pem_blocks(text, "CERTIFICATE", limits));
    std::vector<Certificate> certificates;
    for (const auto& block : blocks) {
        SP_TRY(auto certificate, from_der(block));
        certificates.push_back(std::move(certificate));
    }
    return certificates;
}

bool Certificate::may(KeyUsage use) const noexcept {
    return !contents_->key_usage || (*contents_->key_usage & std::to_underlying(use)) != 0;
}

bool Certificate::is_for(std::string_view purpose_oid) const noexcept {
    return contents_->purposes && std::ranges::count(*contents_->purposes, purpose_oid) > 0;
}

bool Certificate::is_self_issued() const noexcept {
    return contents_->subject == contents_->issuer;
}

const CertificateExtension* Certificate::extension(std::string_view oid) const noexcept {
    const auto found = std::ranges::find(contents_->extensions, oid, &CertificateExtension::oid);
    return found == contents_->extensions.end() ? nullptr : &*found;
}

}  // namespace sallyport::crypto
