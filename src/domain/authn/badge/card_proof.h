#pragma once
// Cards with a key of their own: PIV's Card Authentication Key (NIST SP 800-73-4 part 1 §3.1.3, key
// reference 9E), which signs without a PIN. The server asks with a challenge, the card signs; the
// key is what counts. Whose certificate it is in is not looked at: it was bound with its holder
// there (docs/adr/0013).

#include "base/core/bytes.h"
#include "base/core/result.h"

#include <cstddef>
#include <string_view>

namespace sallyport::authn {

inline constexpr std::size_t card_challenge_max = 64;           // bytes
inline constexpr std::size_t card_certificate_max = 4U << 10U;  // bytes of DER
inline constexpr std::size_t card_signature_max = 256;          // of RSA-2048

struct CardProof {
    Bytes challenge;    // the server's
    Bytes certificate;  // X.509, DER; for its public key
    Bytes signature;  // of card_proof_message(): ECDSA P-256 in DER, or RSASSA-PKCS1-v1_5; SHA-256
};

// Of hex digits, as a reader reports it. Refuses invalid "badge.proof_malformed": not hex, or a
// part that is empty or over its bound. Pure.
[[nodiscard]] Result<CardProof> parse_card_proof(
    std::string_view challenge, std::string_view certificate, std::string_view signature
);

// What the card signs: what it is for, the challenge, and the number that it said. Pure.
[[nodiscard]] Bytes card_proof_message(BytesView challenge, BytesView uid);

// The key that made the signature, as SubjectPublicKeyInfo. Refuses invalid
// "badge.proof_malformed" (no certificate, or a key that is neither P-256 nor RSA-2048), and
// unauthenticated "badge.proof_refused". Whether the challenge is good, the caller looks. Pure.
[[nodiscard]] Result<Bytes> proven_card_key(const CardProof& proof, BytesView uid);

}  // namespace sallyport::authn
