#pragma once
// Whether a certificate is what it says: a client certificate by which a person (smart card) or a
// workstation signs in, verified by RFC 5280 §6 up to a trust anchor. That its key is at hand, TLS
// proves; whose it is, the mapping decides (domain/authn/certificate).

#include "base/core/result.h"
#include "base/core/time.h"
#include "base/crypto/certificate.h"
#include "base/crypto/certificate_path.h"
#include "base/crypto/crl.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::crypto {

inline constexpr std::size_t intermediates_given_max = 8;  // what a peer may send beside its own
inline constexpr std::size_t anchors_max = 128;
inline constexpr std::size_t crls_max = 128;

enum class ClientPurpose : std::uint8_t {
    client_auth,  // extended key usage id-kp-clientAuth
    // Or Microsoft's smart card logon alone, as some card issuers have it. Not the default, since
    // TLS itself knows only the first.
    client_auth_or_smart_card_logon,
};

// For which certificates of the path a current CRL is demanded. The anchor is never among them: it
// is believed because the operator chose it, and it goes when the operator removes it.
enum class CrlDemand : std::uint8_t {
    // Lists are consulted where they are given (what is on one is refused), and none is demanded:
    // the caller decides, by an OCSP answer, with VerifiedChain::crl_status().
    none,
    leaf,
    whole_path,
};

struct ChainRules {
    ClientPurpose purpose = ClientPurpose::client_auth;
    CrlDemand crls = CrlDemand::whole_path;
    int intermediates_max = 4;
    // Certificate policies (OIDs) of which the path must be valid for one: "the key lives in a
    // card" is said by such an OID, if at all. Empty: any.
    std::vector<std::string> policies = {};
};

// The path from a certificate to an anchor. Only verify_certificate_chain() makes one, so who holds
// one knows that it was verified, and when. It says nothing about OCSP.
class VerifiedChain {
public:
    [[nodiscard]] const Certificate& leaf() const noexcept { return path_.certificates.front(); }

    [[nodiscard]] const Certificate& anchor() const noexcept { return path_.certificates.back(); }

    // The leaf first, the anchor last; at least two.
    [[nodiscard]] std::span<const Certificate> certificates() const noexcept {
        return path_.certificates;
    }

    // Who signed certificates()[index]; the anchor has itself.
    [[nodiscard]] const Certificate& issuer_of(std::size_t index) const;

    [[nodiscard]] CrlStatus crl_status(std::size_t index) const { return path_.crls.at(index); }

    [[nodiscard]] Time verified_at() const noexcept { return verified_at_; }

private:
    friend Result<VerifiedChain> verify_certificate_chain(
        const Certificate& leaf,
        std::span<const Certificate> intermediates,
        std::span<const Certificate> anchors,
        std::span<const Crl> crls,
        Time now,
        const ChainRules& rules
    );

    VerifiedChain(CertificatePath path, Time now) : path_(std::move(path)), verified_at_(now) {}

    CertificatePath path_;
    Time verified_at_;
};

// Pure. `anchors` are self-signed CA certificates; one that is not ends no path. `intermediates`
// are not trusted, wherever they come from. Of two lists of one issuer the newer counts; a list
// whose signature is weak counts as none.
//
// Refuses invalid "certificate.too_many" (over a bound above), "certificate.policy_malformed", and
// unauthenticated:
//   "certificate.untrusted"         no path to an anchor; an anchor itself as the leaf
//   "certificate.wrong_signature"   a signature on the path is wrong
//   "certificate.not_yet_valid", "certificate.expired"      any certificate of the path, anchor too
//   "certificate.wrong_usage"       the leaf is a CA's, its key usage does not list
//                                   digitalSignature, its extended key usage (or that of an
//                                   intermediate that has one) does not list the purpose. Absent
//                                   ones and anyExtendedKeyUsage are not enough for the leaf.
//   "certificate.issuer_not_a_ca"   an issuer may not sign certificates
//   "certificate.path_too_long"     more intermediates than a pathLen or intermediates_max allows
//   "certificate.name_constraint"   a name outside an issuer's constraints, or a constraint that
//                                   can't be evaluated
//   "certificate.wrong_policy"      no policy of `rules`, or policies that an issuer demands
//   "certificate.unknown_critical_extension", "certificate.proxy" (RFC 3820)
//   "certificate.not_conforming"    an issuer breaks RFC 5280 in another way
//   "certificate.weak_key", "certificate.weak_signature"    signature_strength.h says which; the
//                                   anchor's own signature is not looked at
//   "certificate.revoked"           on a list of its issuer, a stale one too
//   "certificate.crl_missing", "certificate.crl_stale", "certificate.crl_unusable"     no answer
//                                   where `rules` demand one
//
// Name constraints bind the kinds of names that they name: "permitted e-mail @a.test" lets an
// issuer write any UPN. Whoever maps by a UPN must name the issuers that may write one.
[[nodiscard]] Result<VerifiedChain> verify_certificate_chain(
    const Certificate& leaf,
    std::span<const Certificate> intermediates,
    std::span<const Certificate> anchors,
    std::span<const Crl> crls,
    Time now,
    const ChainRules& rules = {}
);

}  // namespace sallyport::crypto
