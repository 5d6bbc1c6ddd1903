#include "base/crypto/ocsp_signer.h"

#include "base/crypto/asn1_values.h"
#include "base/crypto/certificate_path.h"
#include "base/crypto/ocsp.h"
#include "base/crypto/signature_strength.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace sallyport::crypto {

namespace {

using openssl::require;

constexpr std::size_t sha1_size = 20;

std::unexpected<Refusal> wrong_responder(std::string why) {
    return refuse(Refusal::unauthenticated, "ocsp.wrong_responder", std::move(why));
}

// Whether the response names this certificate as its signer: by subject or by SHA-1 of the key.
bool is_named(const OCSP_BASICRESP* response, const Certificate& certificate) {
    const ASN1_OCTET_STRING* key = nullptr;
    const X509_NAME* name = nullptr;
    if (OCSP_resp_get0_id(response, &key, &name) != 1) return false;
    if (name != nullptr) {
        const auto read = DistinguishedName::read(name);
        return read && *read == certificate->subject;
    }
    std::array<std::byte, sha1_size> digest{};
    unsigned size = 0;
    require(
        X509_pubkey_digest(certificate.parsed(), EVP_sha1(), openssl::out(digest), &size) == 1 &&
            size == digest.size(),
        "SHA-1 of a public key"
    );
    return std::ranges::equal(openssl::bytes_of(key), digest);
}

// The first certificate in the response that it names.
Result<Certificate> embedded_signer(const OCSP_BASICRESP* response) {
    const auto* embedded = OCSP_resp_get0_certs(response);
    if (sk_X509_num(embedded) > ocsp_certificates_max) {
        return refuse(Refusal::invalid, "ocsp.malformed", "too many certificates");
    }
    for (int i = 0; i < sk_X509_num(embedded); ++i) {
        const auto certificate =
            Certificate::from_der(openssl::der_of(sk_X509_value(embedded, i), i2d_X509));
        if (certificate && is_named(response, *certificate)) return *certificate;
    }
    return wrong_responder("no certificate for the named responder");
}

// That the issuer itself has made this certificate a responder, by RFC 6960 §4.2.2.2.
Result<void> require_delegated(const Certificate& signer, const Certificate& issuer, Time now) {
    const auto path = find_certificate_path({
        .leaf = signer,
        .intermediates = {},
        .anchors = std::span(&issuer, 1),
        .crls = {},
        .now = now,
        .intermediates_max = 0,
        .policies = {},
        .anchored = Anchors::any_certificate,
        // How well the issuer keeps RFC 5280, its own chain was asked.
        .conformance = Conformance::lenient,
    });
    if (!path) return wrong_responder("its certificate: " + path.error().detail);
    if (path->certificates.size() != 2) return wrong_responder("its certificate is an anchor");
    // RFC 5280 §4.2.1.12 lets such a key have either use.
    const bool may_sign =
        signer.may(KeyUsage::digital_signature) || signer.may(KeyUsage::content_commitment);
    if (!signer.is_for(oid::ocsp_signing) || !may_sign) {
        return wrong_responder("its certificate is not for signing OCSP responses");
    }
    if (signer.extension(oid::ocsp_no_check) == nullptr) {
        return wrong_responder("its certificate lacks id-pkix-ocsp-nocheck");
    }
    if (!require_strong_key(signer.parsed()) ||
        !is_strong_signature(X509_get0_tbs_sigalg(signer.parsed()))) {
        return wrong_responder("its certificate is weak");
    }
    return {};
}

Result<Certificate> signer_of(const OCSP_BASICRESP* response, const Certificate& issuer, Time now) {
    if (is_named(response, issuer)) return issuer;
    SP_TRY(auto signer, embedded_signer(response));
    SP_CHECK(require_delegated(signer, issuer, now));
    return signer;
}

}  // namespace

// Not OCSP_basic_verify(): it takes the time from the machine and believes any anchor's responder.
Result<void> verify_ocsp_signature(
    const OCSP_BASICRESP* response, const Certificate& issuer, Time now
) {
    SP_TRY(const auto signer, signer_of(response, issuer, now));
    const auto* algorithm = OCSP_resp_get0_tbs_sigalg(response);
    if (!is_strong_signature(algorithm)) {
        return refuse(Refusal::unauthenticated, "ocsp.weak_signature");
    }
    const int answer = ASN1_item_verify(
        ASN1_ITEM_rptr(OCSP_RESPDATA),
        algorithm,
        OCSP_resp_get0_signature(response),
        OCSP_resp_get0_respdata(response),
        X509_get0_pubkey(signer.parsed())
    );
    if (answer != 1) return refuse(Refusal::unauthenticated, "ocsp.wrong_signature");
    return {};
}

}  // namespace sallyport::crypto
