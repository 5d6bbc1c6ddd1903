#include "base/core/ip_network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace sallyport {

namespace {

constexpr std::size_t mapped_size = 12;  // ::ffff:0:0/96, in bytes
constexpr unsigned mapped_bits = 96;
constexpr unsigned ipv4_bits = 32;
constexpr unsigned ipv6_bits = 128;

bool bit(const IpAddress& address, unsigned index) noexcept {
    return ((static_cast<unsigned>(address[index / 8]) >> (7U - index % 8U)) & 1U) != 0;
}

// Digits only, no leading zero.
bool is_length(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 3 && (text == "0" || text.front() != '0') &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<IpAddress> parse_ip_address(std::string_view text) {
    // inet_pton wants an ending zero, and would stop at one inside.
    if (text.size() >= INET6_ADDRSTRLEN || text.contains('\0')) {
        return refuse(Refusal::invalid, "network.malformed");
    }
    const std::string spelt(text);
    IpAddress address{};
    if (inet_pton(AF_INET6, spelt.c_str(), address.data()) == 1) return address;
    if (inet_pton(AF_INET, spelt.c_str(), address.data() + mapped_size) == 1) {
        address[10] = address[11] = 0xFF;
        return address;
    }
    return refuse(Refusal::invalid, "network.malformed");
}

std::string ip_address_text(const IpAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_ipv4(address)) {
        inet_ntop(AF_INET, address.data() + mapped_size, text.data(), text.size());
    } else {
        inet_ntop(AF_INET6, address.data(), text.data(), text.size());
    }
    return text.data();
}

bool is_ipv4(const IpAddress& address) noexcept {
    return std::all_of(address.begin(), address.begin() + 10, [](auto b) { return b == 0; }) &&
           address[10] == 0xFF && address[11] == 0xFF;
}

IpNetwork::IpNetwork(std::string text, const IpAddress& address, unsigned bits)
    : text_(std::move(text)), address_(address), bits_(bits) {}

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
    if (text.size() > text_size_max) return refuse(Refusal::invalid, "network.malformed");
    const auto slash = text.find('/');
    SP_TRY(const auto address, parse_ip_address(text.substr(0, slash)));
    if (slash == std::string_view::npos) return IpNetwork(std::string(text), address, ipv6_bits);

    const bool ipv4 = !text.substr(0, slash).contains(':');
    const auto length = text.substr(slash + 1);
    unsigned bits = 0;
    if (!is_length(length)) return refuse(Refusal::invalid, "network.malformed");
    std::from_chars(length.data(), length.data() + length.size(), bits);
    if (bits > (ipv4 ? ipv4_bits : ipv6_bits)) return refuse(Refusal::invalid, "network.malformed");
    if (bits == 0) return refuse(Refusal::invalid, "network.everybody");
    if (ipv4) bits += mapped_bits;
    // A prefix that reaches around all of IPv4 is the same mistake as 0.0.0.0/0.
    if (!ipv4 && is_ipv4(address) && bits <= mapped_bits) {
        return refuse(Refusal::invalid, "network.everybody");
    }
    for (unsigned i = bits; i < ipv6_bits; ++i) {
        if (bit(address, i)) return refuse(Refusal::invalid, "network.malformed");
    }
    return IpNetwork(std::string(text), address, bits);
}

IpNetwork IpNetwork::of(const IpAddress& address) {
    return {ip_address_text(address), address, ipv6_bits};
}

IpAddress IpNetwork::last() const noexcept {
    auto last = address_;
    for (unsigned i = bits_; i < ipv6_bits; ++i) {
        last[i / 8] = static_cast<unsigned char>(last[i / 8] | (1U << (7U - i % 8U)));
    }
    return last;
}

bool IpNetwork::contains(const IpAddress& address) const noexcept {
    const auto whole = bits_ / 8;
    if (!std::equal(address.begin(), address.begin() + whole, address_.begin())) return false;
    const auto rest = bits_ % 8;
    if (rest == 0) return true;
    const auto mask = 0xFFU << (8U - rest);
    return ((address[whole] ^ address_[whole]) & mask & 0xFFU) == 0;
}

}  // namespace sallyport
