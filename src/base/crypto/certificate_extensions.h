#pragma once
// Inside base/crypto only: the extensions of a certificate that Certificate lists.

#include "base/core/result.h"
#include "base/crypto/certificate.h"

#include <optional>
#include <string>
#include <vector>

struct x509_st;  // OpenSSL's

namespace sallyport::crypto {

// All, uninterpreted. Refuses invalid "certificate.too_large" and, since RFC 5280 §4.2 allows one
// of a kind and programs differ in which of two they read, "certificate.malformed" for a repeated
// one.
[[nodiscard]] Result<std::vector<CertificateExtension>> read_extensions(const x509_st* certificate);

// These refuse "certificate.malformed" and "certificate.too_large".
[[nodiscard]] Result<std::optional<std::vector<std::string>>> read_purposes(
    const x509_st* certificate
);
[[nodiscard]] Result<std::vector<std::string>> read_crl_urls(const x509_st* certificate);
[[nodiscard]] Result<std::vector<std::string>> read_ocsp_urls(const x509_st* certificate);

}  // namespace sallyport::crypto
