#pragma once
// Where a state-changing request comes from. The first of two fences against cross-site request
// forgery; the session-bound token is the other.

#include "base/core/result.h"
#include "edge/http/message.h"

#include <cstdint>
#include <string_view>

namespace sallyport::http {

// Whether the request proves who it is by something that a browser sends along on its own.
enum class Credential : std::uint8_t {
    cookie,  // or none: sign-in is protected as well
    bearer,  // an Authorization field of our own client
};

// GET, HEAD and OPTIONS pass (RFC 9110 §9.2.1). Others pass if Origin is exactly `site_origin`
// ("https://host:port", port left out if 443). Without an Origin, or with "null", which is what
// browsers send from a page whose Referrer-Policy is no-referrer, Sec-Fetch-Site must say
// same-origin; a bearer needs neither. Sec-Fetch-Site other than same-origin or none is refused
// whatever the rest says. Refuses denied "origin.foreign", "origin.missing".
[[nodiscard]] Result<void> check_origin(
    const Request& request, std::string_view site_origin, Credential credential
);

// "https://host" or "https://host:port", as browsers write it.
[[nodiscard]] std::string site_origin(std::string_view host, std::uint16_t port);

}  // namespace sallyport::http
