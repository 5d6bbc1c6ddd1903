#pragma once
// The alternative names of a certificate's subject (RFC 5280 §4.2.1.6). A SubjectNames says what is
// written; which of it names a person or a workstation, the mapping decides.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/crypto/distinguished_name.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

struct x509_st;  // OpenSSL's

namespace sallyport::crypto {

inline constexpr std::size_t subject_names_max = 64;

namespace oid {
inline constexpr std::string_view user_principal_name = "1.3.6.1.4.1.311.20.2.3";
// Microsoft's NTDS security extension, which holds the account's SID since KB5014754.
inline constexpr std::string_view ntds_security = "1.3.6.1.4.1.311.25.2";
inline constexpr std::string_view ntds_object_sid = "1.3.6.1.4.1.311.25.2.1";
}  // namespace oid

struct SubjectNames {
    std::vector<std::string> emails;                // ASCII
    std::vector<std::string> user_principal_names;  // UTF-8
    std::vector<std::string> dns_names;             // ASCII, "*." as written
    std::vector<std::string> uris;                  // ASCII
    std::vector<DistinguishedName> directory_names;
    std::vector<std::string> security_identifiers;  // "S-1-5-21-…", of Microsoft's extension
    std::size_t others = 0;                         // names of kinds that are not looked at
};

// Inside base/crypto. Refuses invalid "certificate.malformed", "certificate.ambiguous_name",
// "certificate.too_large" (more names than subject_names_max).
[[nodiscard]] Result<SubjectNames> read_subject_names(const x509_st* certificate);

}  // namespace sallyport::crypto
