#pragma once

#include <string>
#include <string_view>

namespace sallyport::config {

// Lower-case DNS labels of a-z 0-9 - (RFC 1123), at most 253 characters; no IP address.
[[nodiscard]] bool is_host_name(std::string_view text);

// The part that a registrar sells: two hosts that share it are one site to a browser. Taken as the
// last two labels, or three under the public suffixes of two labels that hospitals use (nhs.uk).
[[nodiscard]] std::string registrable_domain(std::string_view host);

}  // namespace sallyport::config
