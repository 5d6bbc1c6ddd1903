#pragma once
// For tests: a small ward.

#include "domain/network/network_rule.h"

#include <string_view>

namespace sallyport::network {

inline IpAddress address_of(std::string_view text) {
    return parse_ip_address(text).value();
}

inline Flow flow_of(
    std::string_view source,
    std::string_view destination,
    Protocol protocol,
    std::uint16_t port,
    std::uint16_t source_port = 0
) {
    Flow flow;
    flow.source = address_of(source);
    flow.destination = address_of(destination);
    flow.protocol = protocol;
    flow.source_port = source_port;
    flow.destination_port = port;
    return flow;
}

// Three pumps of which one has a second port, a drug library that calls them, and a clock that they
// call.
inline NetworkRule ward_rule() {
    NetworkRule rule;
    rule.name = "pump-ward";
    rule.gateways = {address_of("10.20.0.5")};
    rule.devices = {
        {"pump-01", address_of("10.20.30.1"), {8080}},
        {"pump-02", address_of("10.20.30.2"), {8080}},
        {"pump-03", address_of("10.20.30.3"), {2222, 8080}},
    };
    rule.kept = {
        {Direction::to_device, address_of("10.1.1.5"), tcp, 2575, "drug library"},
        {Direction::from_device, address_of("10.1.1.9"), udp, 123, "time"},
        {Direction::to_device, address_of("10.1.1.7"), icmp, 0, "is it there?"},
        {Direction::from_device, address_of("10.1.1.8"), 47, 0, "a \"tunnel\""},
    };
    return rule;
}

}  // namespace sallyport::network
