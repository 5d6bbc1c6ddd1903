#pragma once
// UTF-8 (RFC 3629), strictly: no overlong forms, no surrogates, nothing above U+10FFFF.

#include <cstddef>
#include <optional>
#include <string_view>

namespace sallyport {

struct CodePoint {
    std::optional<char32_t> value;  // none: these bytes are not UTF-8
    std::size_t size;               // how many bytes it took, 1 to 4
};

// The code point at the front of `text`, which must not be empty. What is not UTF-8 takes as many
// bytes as Unicode recommends to replace by one U+FFFD (the maximal subpart).
[[nodiscard]] CodePoint front_code_point(std::string_view text) noexcept;

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace sallyport
