#include "domain/network/ip_range.h"

#include <algorithm>
#include <optional>

namespace sallyport::network {

namespace {

constexpr unsigned address_bits = 128;
constexpr unsigned ipv4_begins = 96;  // ::ffff:0:0/96

bool bit(const IpAddress& address, unsigned index) noexcept {
    return ((static_cast<unsigned>(address[index / 8]) >> (7U - index % 8U)) & 1U) != 0;
}

// None after the last address there is.
std::optional<IpAddress> next(IpAddress address) noexcept {
    for (auto at = address.rbegin(); at != address.rend(); ++at) {
        *at = static_cast<unsigned char>(*at + 1);
        if (*at != 0) return address;
    }
    return std::nullopt;
}

// `address` with all bits from `bits` on set.
IpAddress filled(IpAddress address, unsigned bits) noexcept {
    for (unsigned i = bits; i < address_bits; ++i) {
        address[i / 8] = static_cast<unsigned char>(address[i / 8] | (1U << (7U - i % 8U)));
    }
    return address;
}

unsigned family_begins(const IpAddress& address) noexcept {
    return is_ipv4(address) ? ipv4_begins : 0;
}

}  // namespace

std::vector<IpRange> merged(std::vector<IpRange> ranges) {
    std::ranges::sort(ranges);
    std::vector<IpRange> whole;
    for (const auto& range : ranges) {
        const bool joins = [&] {
            if (whole.empty() || is_ipv4(whole.back().last) != is_ipv4(range.first)) return false;
            const auto after = next(whole.back().last);
            return !after || range.first <= *after;
        }();
        if (joins) {
            whole.back().last = std::max(whole.back().last, range.last);
        } else {
            whole.push_back(range);
        }
    }
    return whole;
}

std::vector<IpPrefix> prefixes_of(const IpRange& range) {
    std::vector<IpPrefix> prefixes;
    const auto begins = family_begins(range.first);
    std::optional<IpAddress> at = range.first;
    while (at && *at <= range.last) {
        // As short as it may be: aligned at its first address, and not beyond the last.
        unsigned bits = address_bits;
        while (bits > begins && !bit(*at, bits - 1) && filled(*at, bits - 1) <= range.last) {
            --bits;
        }
        prefixes.push_back({*at, static_cast<std::uint8_t>(bits - begins)});
        at = next(filled(*at, bits));
    }
    return prefixes;
}

std::vector<IpPrefix> prefixes_of(const std::vector<IpRange>& ranges) {
    std::vector<IpPrefix> prefixes;
    for (const auto& range : ranges) {
        for (const auto& prefix : prefixes_of(range)) {
            prefixes.push_back(prefix);
        }
    }
    return prefixes;
}

bool is_host(const IpPrefix& prefix) noexcept {
    return prefix.length + family_begins(prefix.first) == address_bits;
}

std::string to_text(const IpPrefix& prefix) {
    return ip_address_text(prefix.first) + '/' + std::to_string(prefix.length);
}

IpAddress last_of(const IpPrefix& prefix) noexcept {
    return filled(prefix.first, prefix.length + family_begins(prefix.first));
}

}  // namespace sallyport::network
