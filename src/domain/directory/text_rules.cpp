#include "domain/directory/text_rules.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace sallyport::directory {

namespace {

constexpr char32_t not_utf8 = 0xFFFFFFFF;

struct Lead {
    int trailing;
    char32_t bits;
    char32_t least;  // anything smaller was spelled too long (RFC 3629 §3)
};

std::optional<Lead> lead(unsigned char byte) noexcept {
    if (byte < 0x80) return Lead{0, byte, 0};
    if ((byte & 0xE0U) == 0xC0) return Lead{1, byte & 0x1FU, 0x80};
    if ((byte & 0xF0U) == 0xE0) return Lead{2, byte & 0x0FU, 0x800};
    if ((byte & 0xF8U) == 0xF0) return Lead{3, byte & 0x07U, 0x10000};
    return std::nullopt;
}

// Takes the first code point off `text`, which is not empty.
char32_t next_code_point(std::string_view& text) noexcept {
    const auto first = lead(static_cast<unsigned char>(text.front()));
    if (!first || text.size() <= static_cast<std::size_t>(first->trailing)) return not_utf8;
    text.remove_prefix(1);
    char32_t point = first->bits;
    for (int i = 0; i < first->trailing; ++i) {
        const auto byte = static_cast<unsigned char>(text.front());
        if ((byte & 0xC0U) != 0x80) return not_utf8;
        point = (point << 6U) | (byte & 0x3FU);
        text.remove_prefix(1);
    }
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (point < first->least || point > 0x10FFFF || surrogate) return not_utf8;
    return point;
}

bool is_control(char32_t point) noexcept {
    const bool c0_or_c1 = point < 0x20 || (point >= 0x7F && point < 0xA0);
    const bool line_break = point == 0x2028 || point == 0x2029;
    const bool direction = point == 0x061C || point == 0x200E || point == 0x200F ||
                           (point >= 0x202A && point <= 0x202E) ||
                           (point >= 0x2066 && point <= 0x2069);
    return c0_or_c1 || line_break || direction || point == 0xFEFF;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        if (next_code_point(text) == not_utf8) return false;
    }
    return true;
}

bool is_clean_text(std::string_view text, std::size_t size_min, std::size_t size_max) noexcept {
    if (text.size() < size_min || text.size() > size_max) return false;
    if (std::ranges::all_of(text, [](char c) { return c == ' '; })) return size_min == 0;
    while (!text.empty()) {
        const auto point = next_code_point(text);
        if (point == not_utf8 || is_control(point)) return false;
    }
    return true;
}

}  // namespace sallyport::directory
