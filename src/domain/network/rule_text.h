#pragma once
// The network rule as a firewall takes it, and the difference between it and what a firewall says
// that it has. The text is written in the form in which the firewall lists it, so that the two can
// be compared line by line.

#include "base/core/result.h"
#include "domain/network/network_rule.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::network {

enum class Dialect : std::uint8_t {
    nftables,   // `nft -f FILE`; listed by `nft list table inet NAME`
    iptables,   // `iptables-restore --noflush FILE`; listed by `iptables-save`
    ip6tables,  // likewise
    ios,        // Cisco IOS and IOS XE: `show running-config`
    nxos,       // Cisco NX-OS: `show running-config`
    junos,      // `show configuration | display set`
    aws,        // security group: `aws ec2 describe-security-groups`
};

inline constexpr std::array dialects{
    Dialect::nftables,
    Dialect::iptables,
    Dialect::ip6tables,
    Dialect::ios,
    Dialect::nxos,
    Dialect::junos,
    Dialect::aws,
};

[[nodiscard]] std::string_view to_text(Dialect dialect) noexcept;
[[nodiscard]] std::optional<Dialect> parse_dialect(std::string_view text) noexcept;

// The whole rule; remarks at its head say how it is put into force. It ends with a line end.
[[nodiscard]] std::string rule_text(const NetworkRule& rule, Dialect dialect);

struct Drift {
    std::vector<std::string> missing;     // demanded, and not in force
    std::vector<std::string> unexpected;  // in force, and not demanded
    bool reordered = false;               // the same lines, in an order that means something else

    [[nodiscard]] bool any() const noexcept {
        return !missing.empty() || !unexpected.empty() || reordered;
    }
};

inline constexpr std::size_t deployed_size_max = std::size_t{1} << 20;

// `deployed` is what the firewall lists, in which other rules may stand too; counters, sequence
// numbers and remarks are nothing. Refuses invalid "network.deployed_malformed" (detail: why): too
// large, not text, or (aws) not JSON.
[[nodiscard]] Result<Drift> drift(
    const NetworkRule& rule, Dialect dialect, std::string_view deployed
);

}  // namespace sallyport::network
