#include "edge/gateway/http/hop_by_hop.h"

#include "edge/http/ascii.h"

#include <algorithm>
#include <array>

namespace sallyport::gateway {

namespace {

constexpr std::array<std::string_view, 9> standard{
    "Connection",
    "Keep-Alive",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Content-Length",  // not hop-by-hop, but written from the framing
    "Upgrade",
    "Proxy-Authenticate",
};

}  // namespace

HopByHop::HopByHop(const http::Headers& headers) {
    for (std::string_view field : headers.all("Connection")) {
        while (!field.empty()) {
            const auto end = std::min(field.find(','), field.size());
            named_.push_back(http::trimmed(field.substr(0, end)));
            field.remove_prefix(std::min(end + 1, field.size()));
        }
    }
}

bool HopByHop::is(std::string_view field) const noexcept {
    const auto same = [&](std::string_view name) { return http::same_field_name(field, name); };
    return std::ranges::any_of(standard, same) || std::ranges::any_of(named_, same);
}

}  // namespace sallyport::gateway
