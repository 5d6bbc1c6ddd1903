#pragma once
// Where people find this server, and the way back from the sign-in host to a device host
// (edge/http/handoff.h tells the whole handoff).

#include "base/core/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::gateway {

struct GatewaySite {
    std::string sign_in_host;   // "sallyport.localhost"
    std::string device_suffix;  // "gate.localhost"; devices are hosts one label below it
    std::uint16_t public_port = 443;

    // "https://host", with the port unless it is 443.
    [[nodiscard]] std::string origin(std::string_view host) const;
};

// For the sign-in host, once it has a code. (`to` is not sent along: where the person wanted to go
// stays in the device host's own cookie, so that nobody can plant a destination.)
[[nodiscard]] std::string handoff_return_url(
    const GatewaySite& site, std::string_view device_host, BytesView code, std::string_view to = {}
);

}  // namespace sallyport::gateway
