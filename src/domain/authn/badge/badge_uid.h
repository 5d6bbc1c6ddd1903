#pragma once
// The number that a contactless card says first (ISO/IEC 14443-3 §6.5.4). Anybody can read it, and
// anybody can make a card that says it: it tells who is asked for a PIN, and proves nothing
// (S1-34).

#include "base/core/bytes.h"
#include "base/core/result.h"

#include <cstddef>
#include <string_view>

namespace sallyport::authn {

inline constexpr std::size_t badge_uid_size_max = 10;  // single 4, double 7, triple 10 bytes

// Refuses invalid "badge.uid_malformed" (another size, or all zero or all one), "badge.uid_random":
// four bytes that begin with 08 are made anew each time, as phones do. Pure.
[[nodiscard]] Result<void> check_badge_uid(BytesView uid);

// Of hex digits, as a reader reports it. Refuses what check_badge_uid() does.
[[nodiscard]] Result<Bytes> parse_badge_uid(std::string_view hex);

}  // namespace sallyport::authn
