#pragma once
// Whether the certificates of a verified chain are still good: which answers are demanded, and that
// no answer is a no. A "yes if nobody answers for some hours" is not offered: who blocks the way to
// the issuer's server would decide then who signs in. Who demands nothing says so (`none`).

#include "base/core/result.h"
#include "base/core/time.h"
#include "base/crypto/certificate_chain.h"
#include "base/crypto/ocsp.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::authn {

enum class RevocationSource : std::uint8_t {
    crl,
    ocsp,
    crl_or_ocsp,  // at least one has to say "good"; whichever says "revoked" is believed
    crl_and_ocsp,
    none,  // for certificates that live for hours: refused is only what a list here says is revoked
};

enum class RevocationScope : std::uint8_t {
    whole_path,  // everything but the anchor
    leaf,        // for issuers that publish nothing about their intermediates
};

struct RevocationPolicy {
    RevocationSource source = RevocationSource::crl_or_ocsp;
    RevocationScope scope = RevocationScope::whole_path;
};

// How old a verification may be when the answers are judged: the time to fetch them.
inline constexpr std::chrono::minutes verification_age_max{5};

// A certificate whose chain was verified and that is not revoked, as far as the policy asks. Only
// accept_certificate() makes one; a mapping takes nothing else.
class AcceptedCertificate {
public:
    [[nodiscard]] const crypto::Certificate& leaf() const noexcept { return chain_.leaf(); }

    [[nodiscard]] const crypto::VerifiedChain& chain() const noexcept { return chain_; }

private:
    friend Result<AcceptedCertificate> accept_certificate(
        crypto::VerifiedChain chain,
        std::span<const crypto::OcspAnswer> answers,
        const RevocationPolicy& policy,
        Time now
    );

    explicit AcceptedCertificate(crypto::VerifiedChain chain) : chain_(std::move(chain)) {}

    crypto::VerifiedChain chain_;
};

// Which of chain.certificates() an OCSP answer is needed for, under the policy and after what the
// lists said. The question goes to the URLs of that certificate, its issuer being
// chain.issuer_of(index).
[[nodiscard]] std::vector<std::size_t> certificates_to_ask_about(
    const crypto::VerifiedChain& chain, const RevocationPolicy& policy
);

// Whether a refusal of accept_certificate() says only that no answer came that can be used: nothing
// is known against the certificate.
[[nodiscard]] bool is_lack_of_news(std::string_view reason) noexcept;

// Pure. Verify the chain with CrlDemand::none before: what is demanded is judged here. Refuses
// unauthenticated:
//   "certificate.revoked"             an answer says so, whatever else was asked
//   "certificate.ocsp_unknown"        the issuer's responder has never heard of the certificate: it
//                                     may be forged with the issuer's stolen key
//   "certificate.crl_missing", "certificate.crl_stale", "certificate.crl_unusable"
//   "certificate.ocsp_missing"        no answer, or none that is still usable
//   "certificate.revocation_unknown"  crl_or_ocsp, and neither
//   "certificate.verification_old"    the chain was verified over verification_age_max ago, or
//   later
//                                     than now
[[nodiscard]] Result<AcceptedCertificate> accept_certificate(
    crypto::VerifiedChain chain,
    std::span<const crypto::OcspAnswer> answers,
    const RevocationPolicy& policy,
    Time now
);

}  // namespace sallyport::authn
