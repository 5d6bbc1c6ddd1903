#pragma once
// Where a browser's push messages are sent (RFC 8030 §5): a URL that the browser names, and that
// the server then calls. So that nobody makes it call other machines, its host must be on the
// operator's list.

#include "base/core/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

inline constexpr std::size_t push_endpoint_size_max = 1024;  // bytes; those in use have up to 400
inline constexpr std::size_t push_host_size_max = 253;

struct PushEndpoint {
    std::string host;  // lower case
    std::uint16_t port = 443;
    std::string target;  // path and query, beginning with "/"

    // Scheme, host, and port if it is not 443: the audience of RFC 8292 §2.
    [[nodiscard]] std::string origin() const;
    [[nodiscard]] std::string url() const;

    friend bool operator==(const PushEndpoint&, const PushEndpoint&) = default;
};

// Refuses invalid "push.endpoint_malformed": not https, user information, a fragment, a host that
// is not written as browsers write names, characters that a URL escapes, over
// push_endpoint_size_max.
[[nodiscard]] Result<PushEndpoint> parse_push_endpoint(std::string_view url);

// The operator's list. "push.example" is that host on port 443, "push.example:8443" on another
// port,
// "*.push.example" any host below it (not itself).
using PushHosts = std::vector<std::string>;

[[nodiscard]] bool is_allowed(const PushEndpoint& endpoint, const PushHosts& hosts);
// Whether a line of the list is one of those forms. An asterisk stands over two labels at least.
[[nodiscard]] bool is_push_host(std::string_view line);

}  // namespace sallyport::authn
