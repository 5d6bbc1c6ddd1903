#pragma once
// Addresses and networks as people write them: "10.3.0.0/16", "2001:db8::/32", or one address.
// IPv4 in IPv6 (::ffff:a.b.c.d, RFC 4291 §2.5.5.2) is the IPv4 address.

#include "base/core/result.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace sallyport {

using IpAddress = std::array<unsigned char, 16>;  // IPv4 as ::ffff:a.b.c.d

// Refuses invalid "network.malformed".
[[nodiscard]] Result<IpAddress> parse_ip_address(std::string_view text);
// RFC 5952; an IPv4 address in its own form.
[[nodiscard]] std::string ip_address_text(const IpAddress& address);
[[nodiscard]] bool is_ipv4(const IpAddress& address) noexcept;

class IpNetwork {
public:
    static constexpr std::size_t text_size_max = 49;  // 45 of an address, "/128", and one over

    // Refuses invalid "network.malformed" (further bits that are not zero, too: "10.1.2.3/8" is a
    // mistake, not a network) and "network.everybody" for a prefix of length 0.
    [[nodiscard]] static Result<IpNetwork> parse(std::string_view text);

    // That address alone.
    [[nodiscard]] static IpNetwork of(const IpAddress& address);

    [[nodiscard]] bool contains(const IpAddress& address) const noexcept;

    [[nodiscard]] IpAddress first() const noexcept { return address_; }

    [[nodiscard]] IpAddress last() const noexcept;

    // As it was written.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    IpNetwork(std::string text, const IpAddress& address, unsigned bits);

    std::string text_;
    IpAddress address_;
    unsigned bits_;  // of the 128
};

}  // namespace sallyport
