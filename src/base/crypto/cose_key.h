#pragma once
// Public keys as authenticators give them: COSE_Key (RFC 9052 §7, RFC 9053 §7, RFC 8230 §4).

#include "base/core/bytes.h"
#include "base/crypto/public_key.h"

namespace sallyport::crypto {

inline constexpr std::size_t cose_key_size_max = 4096;

struct CoseKey {
    CoseAlgorithm algorithm;
    PublicKey key;

    [[nodiscard]] bool verify(BytesView message, BytesView signature) const {
        return key.verify(algorithm, message, signature);
    }
};

// A credential's key: one algorithm, the parameters that its key type needs, and no others
// (WebAuthn §6.5.1). Refuses invalid "cose.malformed", "cose.algorithm" (one that is not verified
// here; RS1 is none for a credential), "cose.curve" (not the algorithm's), and what PublicKey
// refuses.
[[nodiscard]] Result<CoseKey> parse_cose_key(BytesView encoded);

}  // namespace sallyport::crypto
