#pragma once

#include <cstdint>
#include <string_view>

namespace sallyport::policy {

// How strongly a role's holder must have proven who they are before a session opens.
enum class Strength : std::uint8_t { one_factor, two_factors, phishing_resistant };

[[nodiscard]] std::string_view to_text(Strength strength) noexcept;

}  // namespace sallyport::policy
