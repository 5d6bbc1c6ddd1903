#pragma once
// The languages that people are spoken to in.

#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport {

enum class Language : std::uint8_t { english, german };

// BCP 47: "en", "de".
[[nodiscard]] std::string_view language_tag(Language language) noexcept;
// Case does not matter (RFC 5646 §2.1.1); none if it is not one of ours.
[[nodiscard]] std::optional<Language> language_by_tag(std::string_view tag) noexcept;

}  // namespace sallyport
