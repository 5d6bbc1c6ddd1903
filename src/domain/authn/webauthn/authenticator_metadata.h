#pragma once
// What FIDO's metadata service says about models of authenticators (FIDO Metadata Service v3.0 §3):
// a signed list, fetched by whoever has a network, verified here.

#include "base/core/bytes.h"
#include "base/core/time.h"
#include "base/crypto/attestation_certificate.h"
#include "domain/authn/webauthn/aaguid.h"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sallyport::authn::webauthn {

struct AuthenticatorMetadata {
    Aaguid aaguid;
    std::string description;  // "YubiKey 5 Series with NFC"
    std::vector<crypto::AttestationCertificate> roots;
    // The first status report that speaks against it: "REVOKED", "ATTESTATION_KEY_COMPROMISE" …
    // Empty if there is none. A later report that calls it certified again does not clear it.
    std::string compromised;
};

struct MetadataBlob {
    std::int64_t number = 0;  // grows with each issue: an older one than the last is a replay
    std::chrono::sys_days next_update;
    std::vector<AuthenticatorMetadata> authenticators;  // FIDO2 only, by AAGUID
};

// Whom to believe. FIDO's list is signed under a public root, so the name counts as much as the
// root.
struct MetadataTrust {
    crypto::AttestationCertificate root;
    std::string signer = "mds.fidoalliance.org";
};

inline constexpr std::size_t metadata_blob_size_max =
    32U * 1024 * 1024;  // bytes; about 5 MB in 2025
inline constexpr std::size_t metadata_entries_max = 4096;

// The list in a BLOB: a JWS in compact form, RS256 or ES256, by a certificate in its header.
// Refuses invalid "metadata.malformed", "metadata.algorithm"; unauthenticated "metadata.untrusted"
// (no path to the root at `now`, another signer), "metadata.signature"; expired "metadata.outdated"
// (nextUpdate is past: ask for a newer one, or decide to go on with what was verified before);
// conflict "metadata.replayed" (its number is not above `last_number`).
[[nodiscard]] Result<MetadataBlob> verify_metadata_blob(
    BytesView jws, const MetadataTrust& trust, Time now, std::int64_t last_number = -1
);

// Null if the list does not know it.
[[nodiscard]] const AuthenticatorMetadata* find_authenticator(
    std::span<const AuthenticatorMetadata> authenticators, const Aaguid& aaguid
) noexcept;

}  // namespace sallyport::authn::webauthn
