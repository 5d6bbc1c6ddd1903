#pragma once
// Which language a person reads: what they chose, else what their browser asks for, else English.

#include "base/core/language.h"
#include "edge/http/message.h"

#include <optional>
#include <string_view>

namespace sallyport::api {

inline constexpr std::string_view language_cookie = "__Host-sallyport-language";

// The language of ours that an Accept-Language field wants most (RFC 9110 §12.5.4); none if it
// wants neither, is malformed or has more than 16 ranges. "de-AT" wants German.
[[nodiscard]] std::optional<Language> accepted_language(std::string_view field) noexcept;

[[nodiscard]] Language language_of(const http::Request& request);

}  // namespace sallyport::api
