#pragma once
// Inside base/crypto only: OpenSSL's errors of X509_verify_cert under our names.

#include "base/core/result.h"
#include "base/crypto/certificate_path.h"

#include <expected>
#include <optional>

struct x509_st;  // OpenSSL's

namespace sallyport::crypto {

// Whether `error` says that a list gives no answer, and why.
[[nodiscard]] std::optional<CrlStatus> crl_trouble(int error) noexcept;

// The refusal for any other error, with OpenSSL's words and the certificate's subject for the log.
// Throws Fault for an error that is not about what was given (out of memory, wrong use).
[[nodiscard]] std::unexpected<Refusal> refuse_path(int error, const x509_st* at);

}  // namespace sallyport::crypto
