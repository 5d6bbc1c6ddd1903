#pragma once
// What a phone signs, with a key that never leaves its browser (base/crypto/browser_key.h).

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/core/result.h"
#include "base/crypto/public_key.h"

#include <cstdint>
#include <string_view>

namespace sallyport::authn {

// There is no approval without a number (L-05; SP 800-63B-4 §3.1.3).
enum class PushDecision : std::uint8_t {
    approve,
    deny,    // "not now"
    report,  // "it wasn't me": somebody else has the passphrase
};

inline constexpr int push_number_min = 10;
inline constexpr int push_number_max = 99;

[[nodiscard]] std::string_view to_text(PushDecision decision) noexcept;

struct PushAnswer {
    PushAttemptId attempt;
    PushDecision decision;
    int number;       // as typed; 0 unless it approves
    Bytes signature;  // r and s side by side, 64 bytes, as Web Crypto gives it
};

// An answer as the phone's page sends it. `number` is two digits for "approve" and empty for "deny"
// and "report", `signature` base64url. Refuses invalid "push.answer_malformed".
[[nodiscard]] Result<PushAnswer> parse_push_answer(
    std::string_view attempt,
    std::string_view decision,
    std::string_view number,
    std::string_view signature
);

// What is signed for an answer: attempt, decision, number and the origin that the page is from.
[[nodiscard]] Bytes push_answer_message(const PushAnswer& answer, std::string_view origin);
// What is signed to enrol: that the phone has the key now, for this authenticator.
[[nodiscard]] Bytes push_enrolment_message(
    const AuthenticatorId& authenticator, BytesView challenge, std::string_view origin
);

// A phone's public key (base/crypto/browser_key.h). Refuses invalid "push.key_malformed".
[[nodiscard]] Result<crypto::PublicKey> read_phone_key(BytesView spki);

}  // namespace sallyport::authn
