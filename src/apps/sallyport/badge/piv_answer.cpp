#include "apps/sallyport/badge/piv_answer.h"

#include "apps/sallyport/badge/card_answer.h"

#include "base/crypto/certificate.h"
#include "base/crypto/crypto.h"
#include "base/crypto/public_key.h"
#include "domain/authn/badge/card_proof.h"

#include <algorithm>

namespace sallyport::cli {

namespace {

constexpr std::size_t status_size = 2;
constexpr std::byte whole_1{0x90};
constexpr std::byte whole_2{0x00};
constexpr std::byte more{0x61};

constexpr std::uint8_t tag_object = 0x53;
constexpr std::uint8_t tag_certificate = 0x70;
constexpr std::uint8_t tag_certificate_info = 0x71;
constexpr std::uint8_t tag_authentication = 0x7C;
constexpr std::uint8_t tag_challenge = 0x81;
constexpr std::uint8_t tag_response = 0x82;
constexpr std::byte compressed{0x01};

constexpr std::uint8_t length_of_one = 0x81;
constexpr std::uint8_t length_of_two = 0x82;
constexpr std::size_t short_length_max = 0x7F;
constexpr std::size_t byte_max = 0xFF;

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "card.answer_malformed");
}

struct Element {
    std::uint8_t tag;
    BytesView content;
};

// BER-TLV with a tag of one byte. Cards write lengths longer than need be, so DER is no help.
Result<Element> next_element(ByteReader& in) {
    SP_TRY(const auto tag, in.u8());
    SP_TRY(const auto first, in.u8());
    std::size_t size = first;
    if (first == length_of_one) {
        SP_TRY(size, in.u8());
    } else if (first == length_of_two) {
        SP_TRY(size, in.u16());
    } else if (first > short_length_max) {
        return malformed();
    }
    SP_TRY(const auto content, in.take(size));
    return Element{tag, content};
}

// The content of the one element that is there.
Result<BytesView> only_element(BytesView bytes, std::uint8_t tag) {
    ByteReader in(bytes);
    const auto element = next_element(in);
    if (!element || element->tag != tag || in.left() != 0) return malformed();
    return element->content;
}

void put_element(ByteWriter& out, std::uint8_t tag, BytesView content) {
    out.u8(tag);
    if (content.size() > byte_max) {
        out.u8(length_of_two);
        out.u16(static_cast<std::uint16_t>(content.size()));
    } else {
        if (content.size() > short_length_max) out.u8(length_of_one);
        out.u8(static_cast<std::uint8_t>(content.size()));
    }
    out.put(content);
}

// RFC 8017 §9.2, for SHA-256 and 2048 bits.
Bytes padded(BytesView digest) {
    constexpr std::size_t modulus_size = 256;
    // DigestInfo up to the hash (RFC 8017 §9.2, note 1).
    constexpr std::array<std::uint8_t, 19> info{
        0x30,
        0x31,
        0x30,
        0x0d,
        0x06,
        0x09,
        0x60,
        0x86,
        0x48,
        0x01,
        0x65,
        0x03,
        0x04,
        0x02,
        0x01,
        0x05,
        0x00,
        0x04,
        0x20
    };
    Bytes block(modulus_size, std::byte{0xFF});
    const auto tail = modulus_size - info.size() - digest.size();
    block[0] = std::byte{0};
    block[1] = std::byte{1};
    block[tail - 1] = std::byte{0};
    std::ranges::copy(std::as_bytes(std::span(info)), block.begin() + static_cast<long>(tail));
    std::ranges::copy(digest, block.end() - static_cast<long>(digest.size()));
    return block;
}

}  // namespace

Result<std::optional<AnswerParts::Command>> AnswerParts::take(BytesView part) {
    const bool sized = part.size() >= status_size && part.size() <= card_answer_max;
    if (!sized || ++parts_ > piv_answers_max) return malformed();
    const auto status = part.last(status_size);
    const bool whole = status[0] == whole_1 && status[1] == whole_2;
    if (!whole && status[0] != more) return refuse(Refusal::not_found, "card.answer_no");
    const auto data = part.first(part.size() - status_size);
    if (data_.size() + data.size() > piv_object_max) {
        return refuse(Refusal::invalid, "card.answer_too_long");
    }
    data_.insert(data_.end(), data.begin(), data.end());
    if (whole) return std::nullopt;
    constexpr std::byte get_response{0xC0};
    return Command{std::byte{0}, get_response, std::byte{0}, std::byte{0}, status[1]};
}

Result<Bytes> parse_piv_certificate(BytesView answer) {
    SP_TRY(const auto object, only_element(answer, tag_object));
    std::optional<BytesView> certificate;
    std::optional<BytesView> info;
    for (ByteReader in(object); in.left() != 0;) {
        const auto element = next_element(in);
        if (!element) return malformed();
        auto* const wanted = element->tag == tag_certificate        ? &certificate
                             : element->tag == tag_certificate_info ? &info
                                                                    : nullptr;
        if (wanted == nullptr) continue;  // the error detection code, and what others put there
        if (*wanted) return malformed();
        *wanted = element->content;
    }
    if (!certificate || certificate->empty() || (info && info->size() != 1)) return malformed();
    if (info && (info->front() & compressed) != std::byte{0}) {
        return refuse(Refusal::invalid, "card.certificate_compressed");
    }
    if (certificate->size() > authn::card_certificate_max) {
        return refuse(Refusal::invalid, "card.certificate_too_large");
    }
    return Bytes(certificate->begin(), certificate->end());
}

Result<Bytes> parse_piv_signature(BytesView answer) {
    SP_TRY(const auto inner, only_element(answer, tag_authentication));
    SP_TRY(const auto signature, only_element(inner, tag_response));
    if (signature.empty() || signature.size() > authn::card_signature_max) return malformed();
    return Bytes(signature.begin(), signature.end());
}

Result<PivAlgorithm> piv_algorithm(BytesView certificate) {
    constexpr int rsa_bits = 2048;
    const auto read = crypto::Certificate::from_der(certificate);
    if (!read) return refuse(Refusal::invalid, "card.certificate_malformed");
    const auto& subject = (*read)->key;
    const auto key = crypto::PublicKey::from_spki(subject.spki);
    if (key && key->fits(crypto::CoseAlgorithm::es256)) return PivAlgorithm::p256;
    if (key && key->fits(crypto::CoseAlgorithm::rs256) && subject.bits == rsa_bits) {
        return PivAlgorithm::rsa_2048;
    }
    return refuse(Refusal::invalid, "card.key_unsupported");
}

std::vector<Bytes> piv_sign_commands(PivAlgorithm algorithm, BytesView message) {
    constexpr std::uint8_t more_follows = 0x10;  // ISO/IEC 7816-4 §5.3.3
    constexpr std::uint8_t general_authenticate = 0x87;
    constexpr std::uint8_t card_authentication_key = 0x9E;
    const auto digest = crypto::sha256(message);
    ByteWriter asked;
    put_element(asked, tag_response, {});  // empty: this is what the card shall fill in
    if (algorithm == PivAlgorithm::rsa_2048) {
        put_element(asked, tag_challenge, padded(digest));
    } else {
        put_element(asked, tag_challenge, digest);
    }
    ByteWriter whole;
    put_element(whole, tag_authentication, asked.bytes());
    std::vector<Bytes> commands;
    for (BytesView rest(whole.bytes()); !rest.empty();) {
        const auto part = rest.first(std::min(rest.size(), byte_max));
        rest = rest.subspan(part.size());
        ByteWriter command;
        command.u8(rest.empty() ? 0 : more_follows);
        command.u8(general_authenticate);
        command.u8(static_cast<std::uint8_t>(algorithm));
        command.u8(card_authentication_key);
        command.u8(static_cast<std::uint8_t>(part.size()));
        command.put(part);
        if (rest.empty()) command.u8(0);  // as much as there is
        commands.push_back(std::move(command).take());
    }
    return commands;
}

}  // namespace sallyport::cli
