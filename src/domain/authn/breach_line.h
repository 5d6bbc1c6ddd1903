#pragma once
// One line of a Have-I-Been-Pwned list of SHA-1 hashes, as its downloader writes it:
// "21BD12DC183F740EE76F27B78EB39C8AD972A757:4", at its end perhaps a carriage return.

#include "base/core/result.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport::authn {

inline constexpr std::size_t breach_line_size_max = 64;  // bytes, without the line feed

struct BreachLine {
    std::uint64_t key;    // the first 64 bits of the hash, which is how the list knows it
    std::uint64_t count;  // how often it was seen; 0 stands for padding
};

// Takes capital and small digits. Refuses invalid "breach_list.ntlm_hash" (32 digits: the wrong
// list), "breach_list.malformed_line"; the detail says what should be there.
[[nodiscard]] Result<BreachLine> parse_breach_line(std::string_view line);

}  // namespace sallyport::authn
