#pragma once
// What a contactless card says, through a PC/SC reader: bytes of a stranger.

#include "base/core/bytes.h"
#include "base/core/result.h"

#include <array>
#include <cstddef>

namespace sallyport::cli {

inline constexpr std::size_t atr_size_min = 2;  // ISO/IEC 7816-3 §8: TS and T0
inline constexpr std::size_t atr_size_max = 33;
inline constexpr std::size_t card_answer_max = 258;  // of a short command: 256 bytes and SW1 SW2

// GET DATA of the UID (PC/SC part 3 §3.2.2.1.3), which the reader answers for the card.
inline constexpr std::array<std::byte, 5> get_uid_command{
    std::byte{0xFF}, std::byte{0xCA}, std::byte{0x00}, std::byte{0x00}, std::byte{0x00}
};

// Refuses invalid "card.atr_malformed": another size, or no first byte that there is. Pure.
[[nodiscard]] Result<void> check_atr(BytesView atr);

// The UID of an answer to get_uid_command. Refuses invalid "card.answer_malformed" (no status word,
// too long), not_found "card.no_uid" (a status other than 9000: no contactless card), and what
// authn::check_badge_uid() does. Pure.
[[nodiscard]] Result<Bytes> parse_uid_answer(BytesView answer);

}  // namespace sallyport::cli
