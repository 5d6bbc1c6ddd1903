#pragma once
// The network rule: what makes Sallyport the only way to devices (S2-22, S2-29, S1-62). Only the
// gateway may open the guarded ports; what else the devices live on (the drug library, HL7, time)
// is kept by name; everything else to and from them is denied.

#include "base/core/ip_network.h"
#include "base/core/result.h"
#include "domain/directory/device.h"
#include "domain/directory/device_group.h"
#include "domain/network/flow_log.h"
#include "domain/network/ip_range.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::network {

struct GuardedDevice {
    std::string name;
    IpAddress address{};
    std::vector<std::uint16_t> ports;  // TCP, sorted; those that the gateway reaches

    friend bool operator==(const GuardedDevice&, const GuardedDevice&) = default;
};

// Who opens the connection.
enum class Direction : std::uint8_t { to_device, from_device };

[[nodiscard]] std::string_view to_text(Direction direction) noexcept;

// Traffic of the devices that does not lead through Sallyport, and is to live on.
struct KeptFlow {
    Direction direction = Direction::to_device;
    IpAddress peer{};
    Protocol protocol = tcp;
    std::uint16_t port = 0;  // of whoever is connected to
    std::string purpose;     // "drug library"

    friend bool operator==(const KeptFlow&, const KeptFlow&) = default;
};

struct NetworkRule {
    std::string name;                    // the group's, or the device's that is in none
    std::vector<IpAddress> gateways;     // Sallyport's, as the devices see them; sorted
    std::vector<GuardedDevice> devices;  // sorted by name
    std::vector<KeptFlow> kept;

    friend bool operator==(const NetworkRule&, const NetworkRule&) = default;
};

// The port of the device itself, and of each interface that its register entry says is covered by
// the gateway. Refuses invalid "network.address_is_a_name" (detail: the device): a firewall needs
// an address.
[[nodiscard]] Result<GuardedDevice> guarded(
    const directory::Device& device, const directory::DeviceGroup* group
);

// What the rule says of a connection.
enum class Judgement : std::uint8_t {
    gateway,  // Sallyport's own
    kept,
    denied,
    elsewhere,  // neither end is one of the devices
};

[[nodiscard]] Judgement judge(const NetworkRule& rule, const Flow& flow) noexcept;
// Whether it reaches for a port that is the gateway's alone.
[[nodiscard]] bool is_way_around(const NetworkRule& rule, const Flow& flow) noexcept;
[[nodiscard]] const GuardedDevice* device_at(
    const NetworkRule& rule, const IpAddress& address
) noexcept;

// Whether the rule, as it stands, guards this device at this address and port.
[[nodiscard]] bool guards(const NetworkRule& rule, const GuardedDevice& device) noexcept;

// One line that lets something through, for every dialect alike. All addresses are of one family.
struct Permit {
    std::vector<IpRange> from;
    std::vector<IpRange> to;
    Protocol protocol = tcp;
    std::uint16_t port = 0;  // of `to`; 0: the protocol has none
    std::string purpose;     // "Sallyport", or the kept flow's
    bool of_gateway = false;
};

enum class Family : std::uint8_t { ipv4, ipv6 };

[[nodiscard]] std::vector<IpRange> addresses_of(const NetworkRule& rule, Family family);
[[nodiscard]] std::vector<Permit> permits_of(const NetworkRule& rule, Family family);

// JSON; parse refuses invalid "network.rule_malformed".
[[nodiscard]] std::string to_json(const NetworkRule& rule);
[[nodiscard]] Result<NetworkRule> parse_network_rule(std::string_view json);

}  // namespace sallyport::network
