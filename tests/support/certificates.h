#pragma once
// A certification authority for tests: certificates, CRLs and OCSP responses as a plan says, at any
// time. A test starts from a good plan and changes one thing.

#include "base/core/bytes.h"
#include "base/core/time.h"
#include "base/crypto/certificate.h"
#include "base/crypto/crl.h"
#include "base/crypto/ocsp.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

struct evp_pkey_st;  // OpenSSL's

namespace sallyport::test {

// When the tests' certificates are looked at.
inline constexpr Time certificate_noon =
    std::chrono::sys_days(std::chrono::year(2026) / 6 / 1) + std::chrono::hours(12);

struct CertificatePlan {
    // In the order of the DER; the value may hold any bytes and becomes a UTF8String (in C a
    // PrintableString).
    std::vector<std::pair<std::string, std::string>> subject;
    Time from = certificate_noon - std::chrono::days(100);
    Time until = certificate_noon + std::chrono::days(100);
    std::string serial = "1001";  // hexadecimal
    // By OpenSSL's words ("keyUsage": "critical,digitalSignature"), or an OID and "DER:0500".
    std::map<std::string, std::string> extensions;
    std::string key = "P-256";  // a curve, "ED25519" or "RSA-2048"
    std::string digest = "SHA256";
    bool pss = false;  // RSA-PSS for the signature, with `digest`
};

// A certificate with its key.
struct Issued {
    std::shared_ptr<x509_st> object;
    std::shared_ptr<evp_pkey_st> key;

    [[nodiscard]] Bytes der() const;
    [[nodiscard]] crypto::Certificate certificate() const;
};

[[nodiscard]] CertificatePlan root_plan(const std::string& name = "Test Root");
[[nodiscard]] CertificatePlan intermediate_plan(const std::string& name = "Test Cards");
// A smart card's: client authentication, anna.admin@hospital.test as UPN and as e-mail.
[[nodiscard]] CertificatePlan person_plan(const std::string& name = "Anna Admin");
[[nodiscard]] CertificatePlan responder_plan();

[[nodiscard]] Issued self_signed(const CertificatePlan& plan);
[[nodiscard]] Issued issue(const CertificatePlan& plan, const Issued& issuer);
// The same certificate under another signature: of `signer`, who need not be the named issuer.
[[nodiscard]] Issued signed_by(const Issued& issued, const Issued& signer);

// With the certificate's key, over SHA-256: ECDSA in DER, or RSASSA-PKCS1-v1_5.
[[nodiscard]] Bytes signature_by(const Issued& signer, BytesView message);

struct CrlPlan {
    std::vector<std::string> serials = {};  // hexadecimal
    Time this_update = certificate_noon - std::chrono::hours(1);
    std::optional<Time> next_update = certificate_noon + std::chrono::hours(23);
    std::map<std::string, std::string> extensions = {{"crlNumber", "DER:020101"}};
    std::string digest = "SHA256";
};

[[nodiscard]] Bytes crl_der(const CrlPlan& plan, const Issued& issuer);
[[nodiscard]] crypto::Crl make_crl(const CrlPlan& plan, const Issued& issuer);

struct OcspPlan {
    crypto::OcspStatus status = crypto::OcspStatus::good;
    Time this_update = certificate_noon - std::chrono::minutes(1);
    std::optional<Time> next_update = certificate_noon + std::chrono::hours(1);
    std::optional<Bytes> nonce = {};
    int answers = 1;  // how often the certificate is answered for
    bool responder_by_key = false;
    bool certificate_embedded = true;
    std::string digest = "SHA256";
};

// What `signer` answers about `subject` of `issuer`.
[[nodiscard]] Bytes ocsp_response(
    const OcspPlan& plan, const Issued& subject, const Issued& issuer, const Issued& signer
);
// A response that says only "try later".
[[nodiscard]] Bytes ocsp_try_later();

}  // namespace sallyport::test
