#pragma once
// Inside base/crypto only: who signed an OCSP response, and whether they may (RFC 6960 §4.2.2.2).

#include "base/core/result.h"
#include "base/core/time.h"
#include "base/crypto/certificate.h"
#include "base/crypto/x509.h"

namespace sallyport::crypto {

// Refuses as verify_ocsp_response(): "ocsp.malformed", "ocsp.wrong_responder",
// "ocsp.weak_signature", "ocsp.wrong_signature".
[[nodiscard]] Result<void> verify_ocsp_signature(
    const OCSP_BASICRESP* response, const Certificate& issuer, Time now
);

}  // namespace sallyport::crypto
