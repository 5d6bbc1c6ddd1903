#pragma once
// Which language a person reads: what they chose, else what their browser asks for, else English.

#include "edge/http/message.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport::api {

enum class Language : std::uint8_t { english, german };

inline constexpr std::string_view language_cookie = "__Host-sallyport-language";

// BCP 47: "en", "de".
[[nodiscard]] std::string_view tag(Language language) noexcept;
[[nodiscard]] std::optional<Language> language(std::string_view tag) noexcept;

// The language of ours that an Accept-Language field wants most (RFC 9110 §12.5.4); none if it
// wants neither, is malformed or has more than 16 ranges. "de-AT" wants German.
[[nodiscard]] std::optional<Language> accepted_language(std::string_view field) noexcept;

[[nodiscard]] Language language_of(const http::Request& request);

}  // namespace sallyport::api
