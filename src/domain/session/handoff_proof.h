#pragma once
// What a browser shows to be handed on: a challenge of ours, signed with the sign-in's sender key.
// As DPoP (RFC 9449), with a nonce of the server in place of the client's clock, and bound to the
// host that asked and to its nonce, so that it is good for nothing else. Pure.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/crypto/public_key.h"
#include "domain/session/session.h"

#include <string>
#include <string_view>

namespace sallyport::session {

// The host that asked, and digest_of() the nonce in its own cookie there.
struct HandoffTarget {
    std::string host;
    TokenDigest nonce_digest;
};

struct HandoffProof {
    Bytes challenge;
    Bytes signature;  // r and s side by side, 64 bytes
};

struct HandoffAsked {
    HandoffTarget target;
    HandoffProof proof;
};

inline constexpr std::size_t challenge_text_size_max = 128;     // ours have 64
inline constexpr std::size_t handoff_signature_text_size = 86;  // base64url of 64 bytes

// Both base64url. Refuses invalid "handoff.proof_malformed".
[[nodiscard]] Result<HandoffProof> parse_handoff_proof(
    std::string_view challenge, std::string_view signature
);

// What is signed: the purpose, challenge and nonce digest as base64url, the host, and the origin of
// the page that signs, which a page elsewhere can't claim.
[[nodiscard]] Bytes handoff_statement(
    BytesView challenge, const HandoffTarget& target, std::string_view origin
);

[[nodiscard]] bool is_handoff_signed(
    const crypto::PublicKey& key, const HandoffAsked& asked, std::string_view origin
);

}  // namespace sallyport::session
