#pragma once
// Which person (or workstation) a certificate is about: a rule picks one value from it, and the
// caller looks for the account that has this value. Nothing here knows accounts.
//
// What a CA writes into a name is only as good as the CA. In Active Directory an e-mail address, a
// UPN or a host name that its holder could change, or that a request could choose, let one account
// pass for another (CVE-2022-26923, CVE-2022-34691; Microsoft's KB5014754 since calls such mappings
// weak). So:
//
//   * The default is the strongest rule: the certificate that was enrolled, by its fingerprint.
//     issuer_and_serial is as strong; both survive no renewal, which is their point.
//   * Every rule by a name says whose names: the keys of the issuers that may write them. Without
//     one it maps nothing. A name constraint on e-mail does not bind a UPN, and a second
//     intermediate under the same anchor may be anybody's.
//   * A common name is no identifier: two people have one.
//   * A value that can be read in two ways is refused, not repaired: other than one value,
//   wildcards,
//     characters outside ASCII (homographs, normal forms), a UPN of a computer ("pc07$@…").
//   * Whoever looks up a name should refuse a certificate that is older than the account
//     (`issued_at`): the name may have been somebody else's.

#include "base/core/result.h"
#include "base/core/time.h"
#include "base/crypto/crypto.h"
#include "domain/authn/certificate/revocation_policy.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sallyport::authn {

enum class IdentitySource : std::uint8_t {
    fingerprint,          // of the enrolled certificate: SHA-256, 64 hexadecimal digits
    issuer_and_serial,    // SHA-256 of the issuer's key, ':', serial number, both hexadecimal. The
                          // key and not the name: another issuer can bear the same name.
    security_identifier,  // the SID that Active Directory's CA writes: "S-1-5-21-…"
    user_principal_name,  // otherName 1.3.6.1.4.1.311.20.2.3, in small letters
    email,                // rfc822Name of the alternative names, in small letters
    subject_attribute,    // of the subject's name, e.g. serialNumber with the staff number; as
                          // written
    dns_name,             // of a workstation, in small letters
};

struct MappingRule {
    IdentitySource source = IdentitySource::fingerprint;
    std::string attribute = {};  // the OID, for subject_attribute: "2.5.4.5"
    // SHA-256 of the SubjectPublicKeyInfo of the CAs that may have signed the certificate itself.
    // Must not be empty for a rule by a name.
    std::vector<crypto::Sha256Digest> issuer_keys = {};
};

inline constexpr std::size_t identity_size_max = 254;  // bytes (RFC 5321 §4.5.3.1.3)

// What to look for. `source` is part of it: "anna@x" by UPN and by e-mail are two things.
struct CertificateIdentity {
    IdentitySource source;
    std::string value;
    Time issued_at;  // the certificate's valid_from
};

// What the operator wrote. Refuses invalid "mapping.issuer_missing" (a rule by a name without
// issuer_keys), "mapping.attribute_malformed" (subject_attribute without a dotted OID, or another
// rule with one), "mapping.attribute_not_unique" (common name, surname, given name, …).
[[nodiscard]] Result<void> check_mapping_rule(const MappingRule& rule);

// Pure. Refuses as check_mapping_rule(), and unauthenticated "certificate.no_identity" (no such
// value, or another issuer) and "certificate.ambiguous_identity" (two different ones, or one that
// can be read in two ways).
[[nodiscard]] Result<CertificateIdentity> identity_of(
    const AcceptedCertificate& certificate, const MappingRule& rule
);

// By the first of the rules that finds a value. One that finds an ambiguous one ends the search:
// the next rule is not a way around it.
[[nodiscard]] Result<CertificateIdentity> identity_of(
    const AcceptedCertificate& certificate, std::span<const MappingRule> rules
);

}  // namespace sallyport::authn
