#include "base/crypto/certificate_chain.h"

#include "base/crypto/signature_strength.h"
#include "base/crypto/x509.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sallyport::crypto {

namespace {

std::unexpected<Refusal> wrong_usage(const char* what) {
    return refuse(Refusal::unauthenticated, "certificate.wrong_usage", what);
}

bool serves(const Certificate& certificate, ClientPurpose purpose) {
    if (certificate.is_for(oid::client_auth)) return true;
    return purpose == ClientPurpose::client_auth_or_smart_card_logon &&
           certificate.is_for(oid::smart_card_logon);
}

// OpenSSL's own check for TLS clients lets a leaf pass that restricts nothing, and knows no smart
// card logon; so it is not asked.
Result<void> require_leaf_usage(const Certificate& leaf, ClientPurpose purpose) {
    if (leaf->is_ca) return wrong_usage("a CA certificate");
    if (!leaf->key_usage || !leaf.may(KeyUsage::digital_signature)) {
        return wrong_usage("key usage without digitalSignature");
    }
    if (!serves(leaf, purpose)) {
        return wrong_usage("extended key usage without client authentication");
    }
    return {};
}

// An issuer's extended key usage binds those below it. RFC 5280 does not say so; CAs and browsers
// do, and who constrains an intermediate means it.
Result<void> require_issuer_usage(const Certificate& issuer, ClientPurpose purpose) {
    if (!issuer->purposes || issuer.is_for(oid::any_purpose) || serves(issuer, purpose)) return {};
    return wrong_usage("an issuer's extended key usage excludes client authentication");
}

Result<void> require_usage(std::span<const Certificate> path, ClientPurpose purpose) {
    SP_CHECK(require_leaf_usage(path.front(), purpose));
    for (const auto& issuer : path.subspan(1)) {
        SP_CHECK(require_issuer_usage(issuer, purpose));
    }
    return {};
}

Result<void> require_strength(std::span<const Certificate> path) {
    for (const auto& certificate : path) {
        SP_CHECK(require_strong_key(certificate.parsed()));
    }
    for (const auto& certificate : path.first(path.size() - 1)) {
        if (!is_strong_signature(X509_get0_tbs_sigalg(certificate.parsed()))) {
            return refuse(
                Refusal::unauthenticated, "certificate.weak_signature", certificate->subject.text()
            );
        }
    }
    return {};
}

Result<void> require_lists(const CertificatePath& path, CrlDemand demand) {
    const std::size_t demanded = demand == CrlDemand::none   ? 0
                                 : demand == CrlDemand::leaf ? 1
                                                             : path.certificates.size() - 1;
    for (std::size_t i = 0; i < demanded; ++i) {
        const auto& subject = path.certificates[i]->subject.text();
        switch (path.crls[i]) {
            case CrlStatus::not_listed:
                break;
            case CrlStatus::missing:
                return refuse(Refusal::unauthenticated, "certificate.crl_missing", subject);
            case CrlStatus::stale:
                return refuse(Refusal::unauthenticated, "certificate.crl_stale", subject);
            case CrlStatus::unusable:
                return refuse(Refusal::unauthenticated, "certificate.crl_unusable", subject);
        }
    }
    return {};
}

std::vector<Crl> strongly_signed(std::span<const Crl> crls) {
    std::vector<Crl> strong;
    std::ranges::copy_if(crls, std::back_inserter(strong), &Crl::is_strongly_signed);
    return strong;
}

}  // namespace

const Certificate& VerifiedChain::issuer_of(std::size_t index) const {
    return path_.certificates.at(std::min(index + 1, path_.certificates.size() - 1));
}

Result<VerifiedChain> verify_certificate_chain(
    const Certificate& leaf,
    std::span<const Certificate> intermediates,
    std::span<const Certificate> anchors,
    std::span<const Crl> crls,
    Time now,
    const ChainRules& rules
) {
    if (intermediates.size() > intermediates_given_max || anchors.size() > anchors_max ||
        crls.size() > crls_max) {
        return refuse(Refusal::invalid, "certificate.too_many");
    }
    const openssl::ErrorsDropped dropped;
    const auto lists = strongly_signed(crls);
    SP_TRY(
        auto path,
        find_certificate_path({
            .leaf = leaf,
            .intermediates = intermediates,
            .anchors = anchors,
            .crls = lists,
            .now = now,
            .intermediates_max = rules.intermediates_max,
            .policies = rules.policies,
        })
    );
    // A self-signed certificate among the anchors is a path of its own, with nobody above it who
    // could revoke it.
    if (path.certificates.size() < 2) {
        return refuse(Refusal::unauthenticated, "certificate.untrusted", "an anchor as the leaf");
    }
    SP_CHECK(require_usage(path.certificates, rules.purpose));
    SP_CHECK(require_strength(path.certificates));
    SP_CHECK(require_lists(path, rules.crls));
    return VerifiedChain(std::move(path), now);
}

}  // namespace sallyport::crypto
