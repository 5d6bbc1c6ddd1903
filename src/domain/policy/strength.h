#pragma once

#include <cstdint>
#include <string_view>

namespace sallyport::policy {

// How strongly a role's holder must have proven who they are before a session opens.
enum class Strength : std::uint8_t {
    one_factor,
    two_factors,
    phishing_resistant,  // with a key or card that answers on our own page only
    device_bound,        // and that can't be copied to another device
};

[[nodiscard]] std::string_view to_text(Strength strength) noexcept;

}  // namespace sallyport::policy
