#pragma once
// Where a device may be. Sallyport connects to addresses that administrators typed, so an address
// must not lead back into this host or to a neighbour that answers everybody (server-side request
// forgery). Checked when a device is registered, and again by the gateway for each address that a
// host name resolved to.

#include "base/core/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sallyport::directory {

// The demo's pump runs on this host, so there, and only there, loopback is allowed.
enum class AddressRules : std::uint8_t { strict, demo };

// One of the server's own listening sockets; `address` may be a wildcard ("0.0.0.0", "::").
struct Listener {
    std::string address;
    std::uint16_t port;
};

// An IP address or a host name. Refuses invalid "device.address_malformed" (neither, or a name that
// a resolver could read as a number: "127.1", "0x7f000001") and denied "device.address_forbidden"
// (loopback, unspecified, link-local, multicast, broadcast and reserved addresses, also when
// embedded in an IPv6 address; "localhost"). Pure: names are not resolved.
[[nodiscard]] Result<void> device_address_allowed(std::string_view address, AddressRules rules);

// The same, and refuses denied "device.address_own" where it is one of the server's own listeners,
// in the demo too. A wildcard listener stands for every loopback address; whoever knows the
// addresses of the host's interfaces lists them as listeners of their own.
[[nodiscard]] Result<void> device_endpoint_allowed(
    std::string_view address, std::uint16_t port, std::span<const Listener> own, AddressRules rules
);

}  // namespace sallyport::directory
