#pragma once
// Inside base/crypto only: from a certificate to an anchor, by RFC 5280 §6 as OpenSSL does it, with
// its refusals under our names. It does not ask what the certificate is for, nor how strong its
// keys and signatures are: certificate_chain.h and ocsp.h do.

#include "base/core/result.h"
#include "base/core/time.h"
#include "base/crypto/certificate.h"
#include "base/crypto/crl.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sallyport::crypto {

// What the given lists say about one certificate of a path.
enum class CrlStatus : std::uint8_t {
    not_listed,  // a current list of its issuer speaks for it and does not name it
    missing,     // no list speaks for it
    stale,       // the only list is past its nextUpdate or before its thisUpdate
    unusable,    // the only list has a wrong signature, an unknown critical extension, …
};

// Which anchors end a path.
enum class Anchors : std::uint8_t {
    self_signed,      // only roots: an intermediate among them is not believed for itself
    any_certificate,  // whatever is given
};

enum class Conformance : std::uint8_t {
    strict,   // X509_V_FLAG_X509_STRICT: what RFC 5280 asks of issuers
    lenient,  // for published vectors that are older than it
};

struct PathInput {
    const Certificate& leaf;
    std::span<const Certificate> intermediates;
    std::span<const Certificate> anchors;
    std::span<const Crl> crls;
    Time now;
    int intermediates_max;
    std::span<const std::string> policies;  // OIDs; if any, the path must be valid for one of them
    Anchors anchored = Anchors::self_signed;
    Conformance conformance = Conformance::strict;
};

struct CertificatePath {
    std::vector<Certificate> certificates;  // the leaf first, the anchor last
    std::vector<CrlStatus> crls;            // of each; a certificate that is listed is refused
};

// Refusals as verify_certificate_chain() lists them.
[[nodiscard]] Result<CertificatePath> find_certificate_path(const PathInput& input);

}  // namespace sallyport::crypto
