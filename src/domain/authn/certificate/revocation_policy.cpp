#include "domain/authn/certificate/revocation_policy.h"

#include "base/core/fault.h"

#include <algorithm>
#include <array>
#include <string>

namespace sallyport::authn {

namespace {

using crypto::CrlStatus;
using crypto::OcspAnswer;
using crypto::OcspStatus;
using crypto::VerifiedChain;

std::size_t count_in(const VerifiedChain& chain, RevocationScope scope) {
    return scope == RevocationScope::leaf ? 1 : chain.certificates().size() - 1;
}

// Whether the answer is about this certificate of the chain, and was verified against the issuer
// that the chain has for it.
bool is_about(const OcspAnswer& answer, const VerifiedChain& chain, std::size_t index) {
    return answer.certificate_fingerprint() == chain.certificates()[index]->fingerprint &&
           answer.issuer_fingerprint() == chain.issuer_of(index)->fingerprint;
}

// Whether an answer that is still usable says "good". A bad one counts however old it is.
Result<bool> good_by_ocsp(
    const VerifiedChain& chain, std::size_t index, std::span<const OcspAnswer> answers, Time now
) {
    const auto& subject = chain.certificates()[index]->subject.text();
    bool good = false;
    for (const auto& answer : answers) {
        if (!is_about(answer, chain, index)) continue;
        if (answer.status() == OcspStatus::revoked) {
            return refuse(Refusal::unauthenticated, "certificate.revoked", subject);
        }
        if (answer.status() == OcspStatus::unknown) {
            return refuse(Refusal::unauthenticated, "certificate.ocsp_unknown", subject);
        }
        good = good || now < answer.usable_until();
    }
    return good;
}

Result<void> require_crl(CrlStatus status, const std::string& subject) {
    switch (status) {
        case CrlStatus::not_listed:
            return {};
        case CrlStatus::missing:
            return refuse(Refusal::unauthenticated, "certificate.crl_missing", subject);
        case CrlStatus::stale:
            return refuse(Refusal::unauthenticated, "certificate.crl_stale", subject);
        case CrlStatus::unusable:
            return refuse(Refusal::unauthenticated, "certificate.crl_unusable", subject);
    }
    throw Fault("no such CRL status");
}

Result<void> require_ocsp(bool good, const std::string& subject) {
    if (good) return {};
    return refuse(Refusal::unauthenticated, "certificate.ocsp_missing", subject);
}

Result<void> judge(
    CrlStatus crl, bool good_ocsp, RevocationSource source, const std::string& subject
) {
    switch (source) {
        case RevocationSource::crl:
            return require_crl(crl, subject);
        case RevocationSource::ocsp:
            return require_ocsp(good_ocsp, subject);
        case RevocationSource::crl_or_ocsp:
            if (good_ocsp || crl == CrlStatus::not_listed) return {};
            return refuse(Refusal::unauthenticated, "certificate.revocation_unknown", subject);
        case RevocationSource::crl_and_ocsp:
            SP_CHECK(require_crl(crl, subject));
            return require_ocsp(good_ocsp, subject);
        case RevocationSource::none:
            return {};
    }
    throw Fault("no such source of revocation");
}

}  // namespace

bool is_lack_of_news(std::string_view reason) noexcept {
    constexpr std::array<std::string_view, 6> reasons = {
        "certificate.crl_missing",
        "certificate.crl_stale",
        "certificate.crl_unusable",
        "certificate.ocsp_missing",
        "certificate.revocation_unknown",
        "certificate.verification_old",
    };
    return std::ranges::find(reasons, reason) != reasons.end();
}

std::vector<std::size_t> certificates_to_ask_about(
    const VerifiedChain& chain, const RevocationPolicy& policy
) {
    std::vector<std::size_t> wanted;
    const bool asks_nobody =
        policy.source == RevocationSource::crl || policy.source == RevocationSource::none;
    if (asks_nobody) return wanted;
    for (std::size_t i = 0; i < count_in(chain, policy.scope); ++i) {
        const bool answered = policy.source == RevocationSource::crl_or_ocsp &&
                              chain.crl_status(i) == CrlStatus::not_listed;
        if (!answered) wanted.push_back(i);
    }
    return wanted;
}

Result<AcceptedCertificate> accept_certificate(
    VerifiedChain chain,
    std::span<const OcspAnswer> answers,
    const RevocationPolicy& policy,
    Time now
) {
    const auto age = now - chain.verified_at();
    if (age < Duration::zero() || age > verification_age_max) {
        return refuse(Refusal::unauthenticated, "certificate.verification_old");
    }
    const auto path = chain.certificates();
    const auto demanded = count_in(chain, policy.scope);
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        // A bad answer counts wherever it was come by, also where none is demanded.
        SP_TRY(const bool good, good_by_ocsp(chain, i, answers, now));
        if (i >= demanded) continue;
        SP_CHECK(judge(chain.crl_status(i), good, policy.source, path[i]->subject.text()));
    }
    return AcceptedCertificate(std::move(chain));
}

}  // namespace sallyport::authn
