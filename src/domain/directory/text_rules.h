#pragma once
// What text that people typed must be before it is kept and shown to others.

#include <cstddef>
#include <string_view>

namespace sallyport::directory {

// Well-formed UTF-8 of size_min to size_max bytes, with something to see in it, without control
// characters and without the marks that turn the reading direction around (they make one name look
// like another).
[[nodiscard]] bool is_clean_text(
    std::string_view text, std::size_t size_min, std::size_t size_max
) noexcept;

}  // namespace sallyport::directory
