#pragma once
// Addresses as one firewall rule can name many: runs without a gap, and the fewest prefixes that
// hold just them.

#include "base/core/ip_network.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sallyport::network {

// Both ends belong to it, and are of one family.
struct IpRange {
    IpAddress first;
    IpAddress last;

    friend auto operator<=>(const IpRange&, const IpRange&) = default;
};

// Sorted, none touching another.
[[nodiscard]] std::vector<IpRange> merged(std::vector<IpRange> ranges);

// The fewest that hold these addresses and no other, in order. A host's is a /32 or /128.
struct IpPrefix {
    IpAddress first;
    std::uint8_t length;  // of the address' own family
};

[[nodiscard]] std::vector<IpPrefix> prefixes_of(const IpRange& range);
[[nodiscard]] std::vector<IpPrefix> prefixes_of(const std::vector<IpRange>& ranges);

[[nodiscard]] bool is_host(const IpPrefix& prefix) noexcept;
// "10.20.30.0/28"; a host's too: "10.20.0.5/32".
[[nodiscard]] std::string to_text(const IpPrefix& prefix);
// The last of it: what a wildcard mask is made of.
[[nodiscard]] IpAddress last_of(const IpPrefix& prefix) noexcept;

}  // namespace sallyport::network
