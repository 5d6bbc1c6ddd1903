#pragma once
// Addresses and networks that an operator listed: "10.0.0.0/8", "::1". IPv4 in IPv6
// (::ffff:a.b.c.d) is the IPv4 address.

#include "base/core/result.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::http {

using IpBytes = std::array<unsigned char, 16>;  // IPv4 as ::ffff:a.b.c.d

// Refuses invalid "ip.malformed".
[[nodiscard]] Result<IpBytes> parse_ip(std::string_view text);
// RFC 5952; an IPv4 address in its own form.
[[nodiscard]] std::string ip_text(const IpBytes& address);

class IpSet {
public:
    IpSet() = default;
    // Refuses invalid "ip.malformed", naming the entry; "0.0.0.0/0" and "::/0" too: everybody is
    // nobody's proxy.
    [[nodiscard]] static Result<IpSet> parse(const std::vector<std::string>& entries);

    [[nodiscard]] bool empty() const noexcept { return networks_.empty(); }

    [[nodiscard]] bool contains(std::string_view address) const;

private:
    struct Network {
        IpBytes address;
        unsigned bits;
    };

    std::vector<Network> networks_;
};

}  // namespace sallyport::http
