#pragma once
// What certificates are judged by, and the whole judgement of one that TLS has shown: chain,
// purpose, validity, revocation (S1-22).

#include "base/core/bytes.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/certificate.h"
#include "base/crypto/certificate_chain.h"
#include "base/crypto/crl.h"
#include "base/crypto/ocsp.h"
#include "domain/authn/certificate/presented_card.h"
#include "domain/authn/certificate/revocation_policy.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sallyport::authn {

// As the operator's files say it. Read once, shared by all sign-ins until a file changes.
struct CertificateTrust {
    std::vector<crypto::Certificate> anchors;
    std::vector<crypto::Certificate> intermediates;  // for clients that send only their own
    std::vector<crypto::Crl> crls;
    // `crls` of it is not looked at: `revocation` says what is demanded.
    crypto::ChainRules chain;
    RevocationPolicy revocation;
    crypto::OcspRules ocsp;
    std::string ocsp_url;  // asked in the place of those that certificates name; empty: theirs
    bool key_in_hardware = false;
    bool pin_asked = false;
};

using CertificateTrustSource = std::function<std::shared_ptr<const CertificateTrust>()>;

// Carries a request (application/ocsp-request) to a responder and brings its answer back, within
// limits of time and size of its own. Nothing where none came.
using AskResponder = std::function<std::optional<Bytes>(const std::string& url, BytesView request)>;

inline constexpr int responders_asked_max = 4;  // for one certificate and its path together

// `shown`: DER as TLS gave it, the client's own first; that its key was at hand, TLS has proven.
// Waits for responders: not within a transaction. Refuses what Certificate::from_der(),
// verify_certificate_chain() and accept_certificate() refuse, and invalid "certificate.missing".
[[nodiscard]] Result<PresentedCard> judge_certificate(
    std::span<const Bytes> shown,
    const CertificateTrust& trust,
    const AskResponder& ask,
    const Moment& moment
);

}  // namespace sallyport::authn
