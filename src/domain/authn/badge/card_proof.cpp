#include "domain/authn/badge/card_proof.h"

#include "base/crypto/certificate.h"
#include "base/crypto/public_key.h"

namespace sallyport::authn {

namespace {

using crypto::CoseAlgorithm;

constexpr std::string_view message_purpose = "sallyport badge tap, version 1";
constexpr int rsa_bits = 2048;

Result<Bytes> part(std::string_view hex, std::size_t size_max) {
    if (hex.empty() || hex.size() > 2 * size_max) {
        return refuse(Refusal::invalid, "badge.proof_malformed");
    }
    auto bytes = from_hex(hex);
    if (!bytes) return refuse(Refusal::invalid, "badge.proof_malformed");
    return bytes;
}

}  // namespace

Result<CardProof> parse_card_proof(
    std::string_view challenge, std::string_view certificate, std::string_view signature
) {
    CardProof proof;
    SP_TRY(proof.challenge, part(challenge, card_challenge_max));
    SP_TRY(proof.certificate, part(certificate, card_certificate_max));
    SP_TRY(proof.signature, part(signature, card_signature_max));
    return proof;
}

Bytes card_proof_message(BytesView challenge, BytesView uid) {
    ByteWriter message;
    message.put(as_bytes(message_purpose));
    message.u8(static_cast<std::uint8_t>(challenge.size()));
    message.put(challenge);
    message.put(uid);
    return std::move(message).take();
}

Result<Bytes> proven_card_key(const CardProof& proof, BytesView uid) {
    const auto malformed = refuse(Refusal::invalid, "badge.proof_malformed");
    if (proof.challenge.size() > card_challenge_max ||
        proof.certificate.size() > card_certificate_max ||
        proof.signature.size() > card_signature_max) {
        return malformed;
    }
    const auto certificate = crypto::Certificate::from_der(proof.certificate);
    if (!certificate) return malformed;
    const auto& subject = (*certificate)->key;
    const auto key = crypto::PublicKey::from_spki(subject.spki);
    if (!key) return malformed;
    const bool ec = key->fits(CoseAlgorithm::es256);
    const bool rsa = key->fits(CoseAlgorithm::rs256) && subject.bits == rsa_bits;
    if (!ec && !rsa) return malformed;
    const auto algorithm = ec ? CoseAlgorithm::es256 : CoseAlgorithm::rs256;
    if (!key->verify(algorithm, card_proof_message(proof.challenge, uid), proof.signature)) {
        return refuse(Refusal::unauthenticated, "badge.proof_refused");
    }
    return subject.spki;
}

}  // namespace sallyport::authn
