#include "domain/directory/text_rules.h"

#include "base/core/utf8.h"

#include <algorithm>

namespace sallyport::directory {

namespace {

bool is_control(char32_t point) noexcept {
    const bool c0_or_c1 = point < 0x20 || (point >= 0x7F && point < 0xA0);
    const bool line_break = point == 0x2028 || point == 0x2029;
    const bool direction = point == 0x061C || point == 0x200E || point == 0x200F ||
                           (point >= 0x202A && point <= 0x202E) ||
                           (point >= 0x2066 && point <= 0x2069);
    return c0_or_c1 || line_break || direction || point == 0xFEFF;
}

}  // namespace

bool is_clean_text(std::string_view text, std::size_t size_min, std::size_t size_max) noexcept {
    if (text.size() < size_min || text.size() > size_max) return false;
    if (std::ranges::all_of(text, [](char c) { return c == ' '; })) return size_min == 0;
    while (!text.empty()) {
        const auto point = front_code_point(text);
        if (!point.value || is_control(*point.value)) return false;
        text.remove_prefix(point.size);
    }
    return true;
}

}  // namespace sallyport::directory
