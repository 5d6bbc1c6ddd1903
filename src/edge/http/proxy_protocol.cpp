#include "edge/http/proxy_protocol.h"

#include "base/core/bytes.h"
#include "edge/http/ip_set.h"

#include <algorithm>

namespace sallyport::http {

namespace {

using namespace std::string_view_literals;

constexpr auto signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::uint8_t tcp_over_ipv4 = 0x11;
constexpr std::uint8_t tcp_over_ipv6 = 0x21;

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "proxy_protocol.malformed");
}

}  // namespace

Result<ProxyPrefix> parse_proxy_prefix(std::string_view bytes) {
    if (bytes.size() != proxy_prefix_size || !bytes.starts_with(signature)) return malformed();
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    const auto version = at(12) >> 4U;
    const auto command = at(12) & 0xFU;
    if (version != 2 || command > 1) return malformed();
    const ProxyPrefix prefix{
        .local = command == 0,
        .family_and_protocol = at(13),
        .rest_size = static_cast<std::size_t>(at(14)) * 256 + at(15),
    };
    if (prefix.rest_size > proxy_rest_size_max) return malformed();
    return prefix;
}

Result<std::optional<std::string>> parse_proxy_source(
    const ProxyPrefix& prefix, std::string_view rest
) {
    if (rest.size() != prefix.rest_size) return malformed();
    if (prefix.local) return std::optional<std::string>();

    IpBytes address{};
    const auto bytes = [&](std::size_t size) { return std::string_view(rest).substr(0, size); };
    switch (prefix.family_and_protocol) {
        case tcp_over_ipv4:
            if (rest.size() < 12) return malformed();
            address[10] = address[11] = 0xFF;
            std::ranges::copy(bytes(4), address.begin() + 12);
            return std::optional(ip_text(address));
        case tcp_over_ipv6:
            if (rest.size() < 36) return malformed();
            std::ranges::copy(bytes(16), address.begin());
            return std::optional(ip_text(address));
        default:
            // A listed balancer that speaks for somebody must say for whom.
            return malformed();
    }
}

}  // namespace sallyport::http
