#include "edge/http/ip_set.h"

#include "base/core/ip_network.h"
#include "edge/http/ascii.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace sallyport::http {

namespace {

constexpr unsigned mapped_bits = 96;  // ::ffff:0:0/96

bool same_front(const IpBytes& a, const IpBytes& b, unsigned bits) noexcept {
    for (unsigned i = 0; i < a.size() && bits > 0; ++i) {
        const unsigned take = std::min(bits, 8U);
        const auto mask = static_cast<unsigned char>(0xFF00U >> take);
        if ((a[i] & mask) != (b[i] & mask)) return false;
        bits -= take;
    }
    return true;
}

}  // namespace

Result<IpBytes> parse_ip(std::string_view text) {
    if (text.contains('\0')) return refuse(Refusal::invalid, "ip.malformed");
    const std::string copy(text);
    IpBytes address{};
    if (inet_pton(AF_INET6, copy.c_str(), address.data()) == 1) return address;
    if (inet_pton(AF_INET, copy.c_str(), address.data() + 12) == 1) {
        address[10] = address[11] = 0xFF;
        return address;
    }
    return refuse(Refusal::invalid, "ip.malformed");
}

std::string ip_text(const IpBytes& address) {
    return ip_address_text(address);
}

Result<IpSet> IpSet::parse(const std::vector<std::string>& entries) {
    IpSet set;
    for (const auto& entry : entries) {
        const auto slash = entry.find('/');
        const auto address = parse_ip(std::string_view(entry).substr(0, slash));
        if (!address) return refuse(Refusal::invalid, "ip.malformed", entry);
        const unsigned family_bits = is_ipv4(*address) ? 32 : 128;
        unsigned bits = family_bits;
        if (slash != std::string::npos) {
            const auto* const end = entry.data() + entry.size();
            const auto [stop, error] = std::from_chars(entry.data() + slash + 1, end, bits);
            const bool good =
                error == std::errc() && stop == end && bits > 0 && bits <= family_bits;
            if (!good) return refuse(Refusal::invalid, "ip.malformed", entry);
        }
        if (family_bits == 32) bits += mapped_bits;
        set.networks_.push_back({*address, bits});
    }
    return set;
}

bool IpSet::contains(std::string_view address) const {
    if (networks_.empty()) return false;
    const auto parsed = parse_ip(address);
    return parsed && std::ranges::any_of(networks_, [&](const Network& network) {
               return same_front(*parsed, network.address, network.bits);
           });
}

}  // namespace sallyport::http
