#pragma once
// Where people find this server.

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

}  // namespace sallyport::gateway
