#pragma once
// Addresses as an operator writes them.

#include "base/core/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::config {

// Where one listens: 127.0.0.1:8443 or [::1]:8443. Port 0 stands for any free one.
struct Endpoint {
    std::string address;  // an IP address, without brackets
    std::uint16_t port = 0;

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// Names are not accepted: what a server listens on must not depend on a resolver. Refuses
// "address.malformed".
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);

// An address or a prefix (10.0.0.0/8) whose further bits are zero: "10.1.2.3/8" is a mistake, not a
// network. Refuses "address.malformed", and "address.everybody" for a prefix of length 0.
[[nodiscard]] Result<void> check_network(std::string_view text);

[[nodiscard]] bool is_loopback(std::string_view address);

}  // namespace sallyport::config
