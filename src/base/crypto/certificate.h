#pragma once
// X.509 certificates (RFC 5280), read and nothing else: a Certificate says what is written in it.
// Whether any of that is true, certificate_chain.h finds out.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/core/time.h"
#include "base/crypto/crypto.h"
#include "base/crypto/distinguished_name.h"
#include "base/crypto/subject_names.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct x509_st;  // OpenSSL's

namespace sallyport::crypto {

inline constexpr std::size_t certificate_size_max = 16U << 10U;  // bytes of DER
inline constexpr std::size_t certificate_extensions_max = 64;
inline constexpr std::size_t certificate_urls_max = 16;  // per extension
inline constexpr std::size_t certificate_purposes_max = 64;
inline constexpr int certificate_rsa_bits_max = 8192;  // more only costs the verifier

namespace oid {
inline constexpr std::string_view client_auth = "1.3.6.1.5.5.7.3.2";
inline constexpr std::string_view ocsp_signing = "1.3.6.1.5.5.7.3.9";
inline constexpr std::string_view smart_card_logon = "1.3.6.1.4.1.311.20.2.2";
inline constexpr std::string_view any_purpose = "2.5.29.37.0";
inline constexpr std::string_view ocsp_no_check = "1.3.6.1.5.5.7.48.1.5";  // RFC 6960 §4.2.2.2.1
inline constexpr std::string_view common_name = "2.5.4.3";
}  // namespace oid

enum class KeyKind : std::uint8_t { rsa, ec, ed25519, other };

struct SubjectKey {
    KeyKind kind = KeyKind::other;
    int bits = 0;              // of the modulus or the curve
    std::string curve;         // "prime256v1", for kind ec; empty if it is not a named one
    Bytes spki;                // SubjectPublicKeyInfo, DER
    Sha256Digest spki_sha256;  // names the key, across renewals of its certificate
};

// RFC 5280 §4.2.1.3. The values are the bits as OpenSSL counts them.
enum class KeyUsage : std::uint16_t {
    digital_signature = 0x80,
    content_commitment = 0x40,  // once nonRepudiation
    key_agreement = 0x08,
    key_cert_sign = 0x04,
    crl_sign = 0x02,
};

struct CertificateExtension {
    std::string oid;
    bool critical = false;
    Bytes value;  // DER
};

// What is written in a certificate.
struct CertificateContents {
    Bytes der;
    Sha256Digest fingerprint;  // SHA-256 of `der`
    DistinguishedName subject;
    DistinguishedName issuer;
    Bytes serial;  // big-endian, at most 20 bytes
    Time valid_from;
    Time valid_until;  // expired from here on, as OpenSSL has it
    SubjectKey key;
    bool is_ca = false;
    std::optional<std::uint16_t> key_usage;            // bits; absent: any use
    std::optional<std::vector<std::string>> purposes;  // extended key usage; absent: any purpose
    SubjectNames names;                                // subject alternative names
    std::vector<std::string> crl_urls;   // http and https only, from the distribution points
    std::vector<std::string> ocsp_urls;  // http and https only
    std::optional<Bytes> subject_key_id;
    std::optional<Bytes> authority_key_id;
    std::vector<CertificateExtension> extensions;  // all of them
};

class Certificate {
public:
    // Takes DER of one certificate and nothing behind it. Refuses invalid:
    //   "certificate.too_large"       over certificate_size_max, or over a bound within
    //   "certificate.malformed"       not DER, not X.509 v3 or v1, a malformed or repeated
    //   extension,
    //                                 times in another form than RFC 5280's, a negative or
    //                                 over-long serial number
    //   "certificate.ambiguous_name"  a name that programs read differently: NUL or other control
    //                                 characters, non-ASCII in IA5String, a wrong string type
    //   "certificate.unsupported_key" RSA over certificate_rsa_bits_max, or a key that is none
    [[nodiscard]] static Result<Certificate> from_der(BytesView der);

    // Of a PEM text with exactly one certificate. Refuses as from_der() and pem_blocks().
    [[nodiscard]] static Result<Certificate> from_pem(std::string_view text);

    // Of a PEM text with one to `count_max` certificates: intermediates, anchors.
    [[nodiscard]] static Result<std::vector<Certificate>> all_from_pem(
        std::string_view text, std::size_t count_max
    );

    [[nodiscard]] const CertificateContents& operator*() const noexcept { return *contents_; }

    [[nodiscard]] const CertificateContents* operator->() const noexcept { return contents_.get(); }

    [[nodiscard]] bool may(KeyUsage use) const noexcept;  // also if it does not restrict its key
    // Only if it says so; an absent extension or anyExtendedKeyUsage is not enough.
    [[nodiscard]] bool is_for(std::string_view purpose_oid) const noexcept;
    [[nodiscard]] bool is_self_issued() const noexcept;
    [[nodiscard]] const CertificateExtension* extension(std::string_view oid) const noexcept;

    // For base/crypto only.
    [[nodiscard]] x509_st* parsed() const noexcept { return parsed_.get(); }

    // The same certificate, byte by byte.
    friend bool operator==(const Certificate& a, const Certificate& b) noexcept {
        return a->der == b->der;
    }

private:
    Certificate() = default;

    // Shared, since an anchor is read once and then part of every sign-in's chain. Neither changes.
    std::shared_ptr<const CertificateContents> contents_;
    std::shared_ptr<x509_st> parsed_;
};

}  // namespace sallyport::crypto
