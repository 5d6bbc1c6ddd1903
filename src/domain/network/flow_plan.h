#pragma once
// A site's own traffic replayed against the network rule: what would die when the rule is switched
// on. A firewall that was never tried against it stops infusions from getting their drug library.

#include "domain/network/flow_log.h"
#include "domain/network/network_rule.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sallyport::network {

// What one peer and the devices had to do with one another, on one port.
struct FlowLine {
    Direction direction = Direction::to_device;
    IpAddress peer{};
    Protocol protocol = tcp;
    std::uint16_t port = 0;
    std::uint64_t count = 0;
    std::size_t devices = 0;     // how many of them
    bool is_way_around = false;  // it reaches for a port that is the gateway's alone
    std::optional<Time> first;
    std::optional<Time> last;

    friend bool operator==(const FlowLine&, const FlowLine&) = default;
};

struct FlowPlan {
    std::vector<FlowLine> denied;  // would die; in order of direction, peer, protocol, port
    std::uint64_t by_gateway = 0;  // connections that live on
    std::uint64_t kept = 0;
};

// `flows` as FlowCondenser gives them. Between two of the devices: to the one that is connected to.
[[nodiscard]] FlowPlan replay(const NetworkRule& rule, std::span<const Flow> flows);

}  // namespace sallyport::network
