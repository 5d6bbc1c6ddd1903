#include "base/core/utf8.h"

#include <cstdint>

namespace sallyport {
namespace {

// Well-formed sequences by their first byte (Unicode 15, table 3-7): how many bytes follow, and
// the range of the first of them, which is where overlong forms and surrogates are told.
struct Lead {
    std::uint8_t following;
    std::uint8_t second_min;
    std::uint8_t second_max;
    std::uint8_t bits;
};

std::optional<Lead> lead_of(std::uint8_t byte) {
    const auto low = [byte](unsigned mask) { return static_cast<std::uint8_t>(byte & mask); };
    if (byte >= 0xc2 && byte <= 0xdf) return Lead{1, 0x80, 0xbf, low(0x1f)};
    if (byte == 0xe0) return Lead{2, 0xa0, 0xbf, low(0x0f)};
    if (byte == 0xed) return Lead{2, 0x80, 0x9f, low(0x0f)};
    if (byte >= 0xe1 && byte <= 0xef) return Lead{2, 0x80, 0xbf, low(0x0f)};
    if (byte == 0xf0) return Lead{3, 0x90, 0xbf, low(0x07)};
    if (byte >= 0xf1 && byte <= 0xf3) return Lead{3, 0x80, 0xbf, low(0x07)};
    if (byte == 0xf4) return Lead{3, 0x80, 0x8f, low(0x07)};
    return std::nullopt;
}

}  // namespace

CodePoint front_code_point(std::string_view text) noexcept {
    const auto at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    if (at(0) < 0x80) return {at(0), 1};
    const auto lead = lead_of(at(0));
    if (!lead) return {std::nullopt, 1};

    char32_t value = lead->bits;
    for (std::size_t i = 1; i <= lead->following; ++i) {
        const std::uint8_t min = i == 1 ? lead->second_min : 0x80;
        const std::uint8_t max = i == 1 ? lead->second_max : 0xbf;
        if (i >= text.size() || at(i) < min || at(i) > max) return {std::nullopt, i};
        value = value << 6U | (at(i) & 0x3fU);
    }
    return {value, lead->following + std::size_t{1}};
}

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const auto point = front_code_point(text);
        if (!point.value) return false;
        text.remove_prefix(point.size);
    }
    return true;
}

}  // namespace sallyport
