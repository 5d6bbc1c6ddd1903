#include "domain/directory/device_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace sallyport::directory {

namespace {

using V6 = std::array<std::uint8_t, 16>;

// Every address as IPv6, IPv4 mapped (RFC 4291 §2.5.5.2), so that it has one spelling.
std::optional<V6> parse_ip(std::string_view text) {
    const std::string terminated(text);
    // inet_pton() stops at a NUL and would not see what follows.
    if (text.size() > 45 || text.find('\0') != std::string_view::npos) return std::nullopt;
    V6 bytes{};
    if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
    std::array<std::uint8_t, 4> v4{};
    if (inet_pton(AF_INET, terminated.c_str(), v4.data()) != 1) return std::nullopt;
    bytes = {};
    bytes[10] = 0xFF;
    bytes[11] = 0xFF;
    std::ranges::copy(v4, bytes.begin() + 12);
    return bytes;
}

bool starts_with(const V6& address, std::initializer_list<std::uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), address.begin());
}

std::uint32_t v4_at(const V6& address, std::size_t offset) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        value = (value << 8U) | address[offset + i];
    }
    return value;
}

// The IPv4 address that an IPv6 address stands for or leads to: mapped, compatible, NAT64
// (RFC 6052 §2.1) and 6to4 (RFC 3056 §2).
std::optional<std::uint32_t> embedded_v4(const V6& address) {
    if (starts_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return v4_at(address, 12);
    if (starts_with(address, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) {
        return v4_at(address, 12);
    }
    if (starts_with(address, {0x20, 0x02})) return v4_at(address, 2);
    return std::nullopt;
}

enum class Reach : std::uint8_t { network, loopback, forbidden };

Reach reach_of_v4(std::uint32_t address) {
    const auto first = address >> 24U;
    if (first == 127) return Reach::loopback;
    const bool link_local = (address >> 16U) == 0xA9FE;  // 169.254/16, where cloud metadata is
    const bool multicast_or_reserved = first >= 224;     // 224/4, 240/4 and broadcast
    if (first == 0 || link_local || multicast_or_reserved) return Reach::forbidden;
    return Reach::network;
}

Reach reach_of(const V6& address) {
    if (const auto v4 = embedded_v4(address)) return reach_of_v4(*v4);
    const bool low =
        std::all_of(address.begin(), address.begin() + 12, [](auto b) { return b == 0; });
    if (low) return v4_at(address, 12) == 1 ? Reach::loopback : Reach::forbidden;
    const bool link_local = address[0] == 0xFE && (address[1] & 0xC0U) == 0x80;
    const bool site_local = address[0] == 0xFE && (address[1] & 0xC0U) == 0xC0;
    const bool multicast = address[0] == 0xFF;
    return link_local || site_local || multicast ? Reach::forbidden : Reach::network;
}

bool is_label_char(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

bool is_label(std::string_view label) noexcept {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, is_label_char);
}

// Resolvers read "127.1", "0x7f.1" and "2130706433" as addresses, by rules of 1983.
bool is_numeric(std::string_view label) noexcept {
    if (label.starts_with("0x") || label.starts_with("0X")) return true;
    return std::ranges::all_of(label, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host_name(std::string_view name) noexcept {
    if (name.empty() || name.size() > 253) return false;
    for (;;) {
        const auto dot = name.find('.');
        const auto label = name.substr(0, dot);
        if (!is_label(label)) return false;
        if (dot == std::string_view::npos) return !is_numeric(label);
        name.remove_prefix(dot + 1);
    }
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

bool names_this_host(std::string_view name) {
    const auto lowered = lower(name);
    return lowered == "localhost" || lowered.ends_with(".localhost") ||
           lowered == "localhost.localdomain" || lowered == "ip6-localhost" ||
           lowered == "ip6-loopback";
}

// Where the text leads, or nothing if it is neither address nor host name.
std::optional<Reach> reach_of(std::string_view text) {
    if (const auto ip = parse_ip(text)) return reach_of(*ip);
    if (!is_host_name(text)) return std::nullopt;
    return names_this_host(text) ? Reach::loopback : Reach::network;
}

bool is_wildcard(std::string_view address) {
    return address.empty() || address == "*" || address == "0.0.0.0" || address == "::";
}

bool is_same_host(std::string_view listener, std::string_view device) {
    if (is_wildcard(listener)) return reach_of(device) == Reach::loopback;
    const auto listener_ip = parse_ip(listener);
    const auto device_ip = parse_ip(device);
    if (listener_ip && device_ip) return *listener_ip == *device_ip;
    if (reach_of(listener) == Reach::loopback && reach_of(device) == Reach::loopback) return true;
    return lower(listener) == lower(device);
}

}  // namespace

Result<void> device_address_allowed(std::string_view address, AddressRules rules) {
    const auto reach = reach_of(address);
    if (!reach) return refuse(Refusal::invalid, "device.address_malformed");
    const bool allowed =
        *reach == Reach::network || (*reach == Reach::loopback && rules == AddressRules::demo);
    if (!allowed) return refuse(Refusal::denied, "device.address_forbidden");
    return {};
}

Result<void> device_endpoint_allowed(
    std::string_view address, std::uint16_t port, std::span<const Listener> own, AddressRules rules
) {
    SP_CHECK(device_address_allowed(address, rules));
    for (const auto& listener : own) {
        if (listener.port == port && is_same_host(listener.address, address)) {
            return refuse(Refusal::denied, "device.address_own");
        }
    }
    return {};
}

}  // namespace sallyport::directory
