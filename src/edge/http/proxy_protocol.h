#pragma once
// PROXY protocol, version 2 only (https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt
// §2.2): whom a listed load balancer speaks for. Bytes in, address out.

#include "base/core/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::http {

inline constexpr std::size_t proxy_prefix_size = 16;
inline constexpr std::size_t proxy_rest_size_max = 512;  // addresses and extensions (TLVs)

struct ProxyPrefix {
    bool local;  // the balancer itself, e.g. a health check
    std::uint8_t family_and_protocol;
    std::size_t rest_size;
};

// The first 16 bytes. Refuses invalid "proxy_protocol.malformed": any other signature, version,
// command or size.
[[nodiscard]] Result<ProxyPrefix> parse_proxy_prefix(std::string_view bytes);

// The rest, `rest_size` bytes. The source address; none for LOCAL and families without one.
[[nodiscard]] Result<std::optional<std::string>> parse_proxy_source(
    const ProxyPrefix& prefix, std::string_view rest
);

}  // namespace sallyport::http
