#pragma once
// `__Host-` cookies: bound to one host by the browser (RFC 6265bis §4.1.3.2): Secure, Path=/, no
// Domain. There are no others at Sallyport (S0-73).

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::http {

inline constexpr std::string_view host_cookie_prefix = "__Host-";

enum class SameSite : std::uint8_t {
    strict,  // not sent when the person comes from elsewhere
    lax,     // sent on plain navigation from elsewhere: needed where a redirect arrives
};

// The value of a Set-Cookie field. `name` begins with "__Host-"; without `age_max` the cookie ends
// with the browser. Throws Fault if name or value could say anything but themselves.
[[nodiscard]] std::string host_cookie(
    std::string_view name,
    std::string_view value,
    SameSite same_site,
    std::optional<std::chrono::seconds> age_max = std::nullopt
);

// Makes the browser forget it.
[[nodiscard]] std::string expired_host_cookie(std::string_view name);

}  // namespace sallyport::http
