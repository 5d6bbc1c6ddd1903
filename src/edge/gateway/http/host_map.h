#pragma once
// One device under two names: the host that people's browsers know, and the address that the device
// knows itself by. Addresses in headers are mapped both ways.

#include "domain/directory/device.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::gateway {

class HostMap {
public:
    // `host` is the device's host name toward people, lower case, without a port.
    HostMap(std::string host, std::uint16_t public_port, const directory::Device& device);

    // "https://pump-07.gate.example:8443"; without the port if it is 443.
    [[nodiscard]] const std::string& person_origin() const noexcept { return person_origin_; }

    // What the device reads in Host: "10.0.0.7:8080"; without the port if it is 80.
    [[nodiscard]] const std::string& device_authority() const noexcept { return device_authority_; }

    // An address that a person's browser sent (Origin, Referer), as the device would call it. None
    // if it is not this device's: then the device need not know it.
    [[nodiscard]] std::optional<std::string> to_device(std::string_view url) const;

    // An address that the device sent (Location). Its own becomes the person's host, whether it
    // says http or https, its address or what Host said; a user part is dropped. What is relative
    // or another site's stays.
    [[nodiscard]] std::string to_person(std::string_view url) const;

private:
    [[nodiscard]] bool is_device(std::string_view authority, bool https) const;

    std::string host_;
    std::string person_origin_;
    std::string device_authority_;
    std::string device_host_;
    std::uint16_t device_port_;
    std::uint16_t public_port_;
};

}  // namespace sallyport::gateway
