#include "domain/session/handoff_proof.h"

#include "base/crypto/browser_key.h"

#include <utility>

namespace sallyport::session {

namespace {

constexpr std::string_view purpose = "sallyport handoff v1";

}  // namespace

Result<HandoffProof> parse_handoff_proof(std::string_view challenge, std::string_view signature) {
    const auto malformed = [] { return refuse(Refusal::invalid, "handoff.proof_malformed"); };
    if (challenge.empty() || challenge.size() > challenge_text_size_max) return malformed();
    if (signature.size() != handoff_signature_text_size) return malformed();
    auto asked = from_base64url(challenge);
    auto signed_with = from_base64url(signature);
    if (!asked || !signed_with) return malformed();
    return HandoffProof{.challenge = *std::move(asked), .signature = *std::move(signed_with)};
}

Bytes handoff_statement(BytesView challenge, const HandoffTarget& target, std::string_view origin) {
    const auto challenge_text = to_base64url(challenge);
    const auto nonce_text = to_base64url(target.nonce_digest);
    return crypto::statement(
        {as_bytes(purpose),
         as_bytes(challenge_text),
         as_bytes(target.host),
         as_bytes(nonce_text),
         as_bytes(origin)}
    );
}

bool is_handoff_signed(
    const crypto::PublicKey& key, const HandoffAsked& asked, std::string_view origin
) {
    const auto said = handoff_statement(asked.proof.challenge, asked.target, origin);
    return crypto::is_signed_by(key, said, asked.proof.signature);
}

}  // namespace sallyport::session
