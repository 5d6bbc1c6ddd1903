#include "edge/http/set_cookie.h"

#include "base/core/fault.h"
#include "edge/http/ascii.h"

#include <fmt/format.h>

#include <algorithm>

namespace sallyport::http {

namespace {

// cookie-octet of RFC 6265 §4.1.1.
bool is_cookie_text(std::string_view text) {
    return is_visible(text) && std::ranges::none_of(text, [](char c) {
               return std::string_view("\",;\\").contains(c);
           });
}

}  // namespace

std::string host_cookie(
    std::string_view name,
    std::string_view value,
    SameSite same_site,
    std::optional<std::chrono::seconds> age_max
) {
    if (!name.starts_with(host_cookie_prefix) || !is_token(name) || !is_cookie_text(value)) {
        throw Fault("refused to write a cookie with a name or value outside the rules");
    }
    auto cookie = fmt::format(
        "{}={}; Path=/; Secure; HttpOnly; SameSite={}",
        name,
        value,
        same_site == SameSite::strict ? "Strict" : "Lax"
    );
    if (age_max) cookie += fmt::format("; Max-Age={}", age_max->count());
    return cookie;
}

std::string expired_host_cookie(std::string_view name) {
    return host_cookie(name, "", SameSite::strict, std::chrono::seconds(0));
}

}  // namespace sallyport::http
