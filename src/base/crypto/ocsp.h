#pragma once
// OCSP (RFC 6960): asking a certificate's issuer whether it is revoked. Bytes out, bytes in; who
// carries them is the caller's business. The responder's address is written in the certificate by
// its issuer: fetch only for certificates whose chain was verified, and only from where the
// operator's network rules let the server go.

#include "base/core/bytes.h"
#include "base/core/random.h"
#include "base/core/result.h"
#include "base/core/time.h"
#include "base/crypto/certificate.h"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sallyport::crypto {

inline constexpr std::size_t ocsp_response_size_max = 32U << 10U;  // bytes
inline constexpr int ocsp_answers_max = 32;                        // in one response
inline constexpr int ocsp_certificates_max = 8;
inline constexpr std::size_t ocsp_nonce_size = 32;  // RFC 9654 §2.1

struct OcspRequest {
    Bytes der;    // the body of a POST with application/ocsp-request
    Bytes nonce;  // to be found in the response
};

// One certificate, named by SHA-1 of its issuer's name and key, the one form that all responders
// understand (RFC 6960 §4.3 demands it); nothing rests on its strength. With a fresh nonce.
[[nodiscard]] OcspRequest make_ocsp_request(
    const Certificate& subject, const Certificate& issuer, Random& random
);

enum class OcspStatus : std::uint8_t { good, revoked, unknown };

enum class OcspNonce : std::uint8_t {
    demanded,
    // Also a response without one. For responders that sign in advance (RFC 5019): within its
    // nextUpdate such a response can be replayed after a revocation. Another nonce is refused
    // still.
    may_be_absent,
};

struct OcspRules {
    OcspNonce nonce = OcspNonce::demanded;
    std::chrono::seconds skew{300};  // how far the responder's clock may be off
    // For a response without nextUpdate, which claims to be of this moment.
    std::chrono::seconds undated_age_max{600};
};

// What the issuer said of one certificate. Only verify_ocsp_response() makes one.
class OcspAnswer {
public:
    [[nodiscard]] OcspStatus status() const noexcept { return status_; }

    [[nodiscard]] const Sha256Digest& certificate_fingerprint() const noexcept { return subject_; }

    // Whom verify_ocsp_response() was told to believe. It is the right one only if a verified chain
    // has it above the certificate.
    [[nodiscard]] const Sha256Digest& issuer_fingerprint() const noexcept { return issuer_; }

    [[nodiscard]] Time this_update() const noexcept { return this_update_; }

    // Says nothing any more from here on.
    [[nodiscard]] Time usable_until() const noexcept { return usable_until_; }

private:
    friend Result<OcspAnswer> verify_ocsp_response(
        BytesView response,
        const Certificate& subject,
        const Certificate& issuer,
        BytesView nonce,
        Time now,
        const OcspRules& rules
    );

    OcspAnswer() = default;

    OcspStatus status_ = OcspStatus::unknown;
    Sha256Digest subject_{};
    Sha256Digest issuer_{};
    Time this_update_;
    Time usable_until_;
};

// Pure. `nonce` is the request's. `issuer` is who signed `subject` on a verified chain; the
// response is signed by it or by a responder to whom it gave a certificate for that itself: with
// id-kp-OCSPSigning, valid now, with id-pkix-ocsp-nocheck (whether a responder without it is
// revoked itself, nobody could say).
//
// Refuses invalid "ocsp.too_large", "ocsp.malformed", and unauthenticated:
//   "ocsp.not_successful"       the responder declines ("try later"); unsigned, so worth nothing
//   "ocsp.wrong_responder"      signed by somebody else, or by a responder that may not
//   "ocsp.weak_signature", "ocsp.wrong_signature"
//   "ocsp.unknown_critical_extension"
//   "ocsp.wrong_certificate"    does not speak of `subject`, or twice
//   "ocsp.nonce_missing", "ocsp.wrong_nonce"
//   "ocsp.not_yet_valid", "ocsp.stale"
[[nodiscard]] Result<OcspAnswer> verify_ocsp_response(
    BytesView response,
    const Certificate& subject,
    const Certificate& issuer,
    BytesView nonce,
    Time now,
    const OcspRules& rules = {}
);

}  // namespace sallyport::crypto
