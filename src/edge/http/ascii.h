#pragma once
// The character classes of RFC 9110 §5.6, for the room's own parsers.

#include "base/core/ascii.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::http {

using sallyport::hex_value;
using sallyport::is_alpha;
using sallyport::is_digit;
using sallyport::same_ignoring_case;
using sallyport::to_lower;

[[nodiscard]] constexpr bool is_token_char(char c) noexcept {
    return is_digit(c) || is_alpha(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept {
    for (const char c : text) {
        if (!is_token_char(c)) return false;
    }
    return !text.empty();
}

[[nodiscard]] constexpr bool is_space(char c) noexcept {
    return c == ' ' || c == '\t';
}

// What a field value or a reason phrase may hold: no control byte but HTAB (RFC 9110 §5.5).
[[nodiscard]] constexpr bool is_field_text(std::string_view text) noexcept {
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        if ((byte < 0x20 && c != '\t') || byte == 0x7F) return false;
    }
    return true;
}

// RFC 9112 §3.2: visible ASCII only.
[[nodiscard]] constexpr bool is_visible(std::string_view text) noexcept {
    for (const char c : text) {
        if (c <= ' ' || c > '~') return false;
    }
    return true;
}

[[nodiscard]] inline std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        c = to_lower(c);
    }
    return lower;
}

[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

}  // namespace sallyport::http
