#pragma once
// What a PIV card says (NIST SP 800-73-4 part 2), and what it is asked: bytes of a stranger, in
// bounds. The dialogue is piv_card.h's.

#include "base/core/bytes.h"
#include "base/core/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sallyport::cli {

inline constexpr std::size_t piv_object_max = (4U << 10U) + 64;  // a certificate and what is around
inline constexpr int piv_answers_max = 64;                       // of one command
inline constexpr std::size_t get_response_size = 5;

// SELECT of the PIV application by its name, in version 1.0 (part 1 §2.2).
inline constexpr std::array<std::byte, 17> select_piv_command{
    std::byte{0x00},
    std::byte{0xA4},
    std::byte{0x04},
    std::byte{0x00},
    std::byte{0x0B},
    std::byte{0xA0},
    std::byte{0x00},
    std::byte{0x00},
    std::byte{0x03},
    std::byte{0x08},
    std::byte{0x00},
    std::byte{0x00},
    std::byte{0x10},
    std::byte{0x00},
    std::byte{0x01},
    std::byte{0x00},
    std::byte{0x00}
};

// GET DATA of the X.509 Certificate for Card Authentication (part 1 table 3: 5FC101).
inline constexpr std::array<std::byte, 11> get_card_certificate_command{
    std::byte{0x00},
    std::byte{0xCB},
    std::byte{0x3F},
    std::byte{0xFF},
    std::byte{0x05},
    std::byte{0x5C},
    std::byte{0x03},
    std::byte{0x5F},
    std::byte{0xC1},
    std::byte{0x01},
    std::byte{0x00}
};

// An answer that comes in parts (ISO/IEC 7816-4 §5.3.4): 61xx says that there is more.
class AnswerParts {
public:
    using Command = std::array<std::byte, get_response_size>;

    // One part with its status word. What to send for the next; none once it is whole. Refuses
    // invalid "card.answer_malformed" (no status word, a part over card_answer_max, more than
    // piv_answers_max parts), "card.answer_too_long" (over piv_object_max), not_found
    // "card.answer_no" (another status than 9000 or 61xx).
    [[nodiscard]] Result<std::optional<Command>> take(BytesView part);

    [[nodiscard]] const Bytes& whole() const noexcept { return data_; }

private:
    Bytes data_;
    int parts_ = 0;
};

// The certificate, DER, in the answer to get_card_certificate_command (part 2 §3.1.2; part 1 table
// 10). Refuses invalid "card.answer_malformed", "card.certificate_too_large" (over
// authn::card_certificate_max), "card.certificate_compressed". Pure.
[[nodiscard]] Result<Bytes> parse_piv_certificate(BytesView answer);

// The signature in the answer to GENERAL AUTHENTICATE (part 2 §3.2.4). Refuses invalid
// "card.answer_malformed", also if it is empty or over authn::card_signature_max. Pure.
[[nodiscard]] Result<Bytes> parse_piv_signature(BytesView answer);

// SP 800-78-4 table 6-2.
enum class PivAlgorithm : std::uint8_t { rsa_2048 = 0x07, p256 = 0x11 };

// By the key in a certificate. Refuses invalid "card.certificate_malformed", "card.key_unsupported"
// (neither of the two). Pure.
[[nodiscard]] Result<PivAlgorithm> piv_algorithm(BytesView certificate);

// GENERAL AUTHENTICATE with the Card Authentication Key (9E): `message` is hashed with SHA-256, and
// padded for RSA as RFC 8017 §9.2 has it. More than one command where it does not fit in one;
// the last one's answer counts. Pure.
[[nodiscard]] std::vector<Bytes> piv_sign_commands(PivAlgorithm algorithm, BytesView message);

}  // namespace sallyport::cli
