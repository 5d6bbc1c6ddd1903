#pragma once
// X.509 certificates (RFC 5280) in an authenticator's attestation, and whether a path of them ends
// at a root. Only what WebAuthn §8 asks of them. No revocation: what is known against an
// authenticator stands in FIDO's metadata.

#include "base/core/bytes.h"
#include "base/core/time.h"
#include "base/crypto/public_key.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::crypto {

inline constexpr std::size_t attestation_certificate_size_max = 16384;
inline constexpr std::size_t attestation_path_max = 8;  // certificates

struct AttestationAttribute {
    std::string oid;    // dotted: "2.5.4.3"
    std::string value;  // UTF-8
};

struct AttestationExtension {
    std::string oid;
    bool critical = false;
    Bytes value;  // what the extension's OCTET STRING holds
};

struct AttestationCertificate {
    Bytes der;
    int version = 0;  // 3 is v3
    PublicKey public_key;
    std::vector<AttestationAttribute> subject = {};
    // The attributes of the directory names in the subject's alternative names.
    std::vector<AttestationAttribute> alternative_directory = {};
    std::vector<std::string> dns_names = {};  // of the alternative names
    std::vector<AttestationExtension> extensions = {};
    std::vector<std::string> extended_key_usages = {};  // OIDs
    bool has_basic_constraints = false;
    bool is_ca = false;
    Time not_before = {};
    Time not_after = {};

    // Null if it has no such extension.
    [[nodiscard]] const AttestationExtension* extension(std::string_view oid) const noexcept;
};

// Every value that `attributes` has for an OID.
[[nodiscard]] std::vector<std::string_view> values_of(
    std::span<const AttestationAttribute> attributes, std::string_view oid
);

// Refuses invalid "certificate.malformed": not one DER certificate of at most 16 KiB, an extension
// twice or not well formed, a name that is no text.
[[nodiscard]] Result<AttestationCertificate> parse_attestation_certificate(BytesView der);

// Whether `path`, the attesting certificate first, chains up to one of `roots` at `now` (RFC 5280
// §6), or begins with one of them (WebAuthn §7.1 step 25). Every certificate between must be a CA
// that says so, and no key or signature below 112 bits of strength may occur. Refuses denied
// "certificate.untrusted", "certificate.expired" (or not valid yet).
[[nodiscard]] Result<void> verify_attestation_path(
    std::span<const AttestationCertificate> path,
    std::span<const AttestationCertificate> roots,
    Time now
);

}  // namespace sallyport::crypto
