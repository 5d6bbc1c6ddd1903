#include "domain/authn/certificate/certificate_trust.h"

#include <utility>

namespace sallyport::authn {

namespace {

using crypto::Certificate;
using crypto::VerifiedChain;

Result<VerifiedChain> verified(
    std::span<const Bytes> shown, const CertificateTrust& trust, Time now
) {
    if (shown.empty()) return refuse(Refusal::invalid, "certificate.missing");
    if (shown.size() > crypto::intermediates_given_max + 1) {
        return refuse(Refusal::invalid, "certificate.too_many");
    }
    SP_TRY(const auto leaf, Certificate::from_der(shown.front()));
    auto intermediates = trust.intermediates;
    for (const auto& der : shown.subspan(1)) {
        SP_TRY(auto given, Certificate::from_der(der));
        intermediates.push_back(std::move(given));
    }
    auto rules = trust.chain;
    rules.crls = crypto::CrlDemand::none;
    return crypto::verify_certificate_chain(
        leaf, intermediates, trust.anchors, trust.crls, now, rules
    );
}

// Answers about what the lists leave open. One that does not verify is none; the next responder
// may have a better one.
std::vector<crypto::OcspAnswer> answers_about(
    const VerifiedChain& chain,
    const CertificateTrust& trust,
    const AskResponder& ask,
    const Moment& moment
) {
    std::vector<crypto::OcspAnswer> answers;
    int asked = 0;
    for (const auto index : certificates_to_ask_about(chain, trust.revocation)) {
        const auto& subject = chain.certificates()[index];
        const auto& issuer = chain.issuer_of(index);
        auto urls = subject->ocsp_urls;
        if (!trust.ocsp_url.empty()) urls = {trust.ocsp_url};
        for (const auto& url : urls) {
            if (++asked > responders_asked_max) return answers;
            const auto request = crypto::make_ocsp_request(subject, issuer, moment.random);
            const auto response = ask(url, request.der);
            if (!response) continue;
            const auto answer = crypto::verify_ocsp_response(
                *response, subject, issuer, request.nonce, moment.now, trust.ocsp
            );
            if (!answer) continue;
            answers.push_back(*answer);
            break;
        }
    }
    return answers;
}

Bytes bytes_of(BytesView view) {
    return {view.begin(), view.end()};
}

}  // namespace

Result<PresentedCard> judge_certificate(
    std::span<const Bytes> shown,
    const CertificateTrust& trust,
    const AskResponder& ask,
    const Moment& moment
) {
    SP_TRY(auto chain, verified(shown, trust, moment.now));
    const auto answers = answers_about(chain, trust, ask, moment);
    SP_TRY(
        const auto accepted,
        accept_certificate(std::move(chain), answers, trust.revocation, moment.now)
    );
    const auto& leaf = accepted.leaf();
    return PresentedCard{
        .fingerprint = bytes_of(leaf->fingerprint),
        .key_digest = bytes_of(leaf->key.spki_sha256),
        .issuer_key = bytes_of(accepted.chain().issuer_of(0)->key.spki_sha256),
        .serial = leaf->serial,
        .subject = leaf->subject.text(),
        .valid_until = leaf->valid_until,
        .key_in_hardware = trust.key_in_hardware,
        .pin_asked = trust.pin_asked,
        .shown = {shown.begin(), shown.end()},
    };
}

}  // namespace sallyport::authn
