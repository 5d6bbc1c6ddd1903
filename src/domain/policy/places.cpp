#include "domain/policy/places.h"

#include "base/core/ip_network.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sallyport::policy {

namespace {

// RFC 1122, 1918, 3927 and 6598; RFC 4193 and 4291. No registry gave them to a country.
bool is_of_no_country(const IpAddress& address) {
    static const std::array networks{
        IpNetwork::parse("10.0.0.0/8").value(),
        IpNetwork::parse("100.64.0.0/10").value(),
        IpNetwork::parse("127.0.0.0/8").value(),
        IpNetwork::parse("169.254.0.0/16").value(),
        IpNetwork::parse("172.16.0.0/12").value(),
        IpNetwork::parse("192.168.0.0/16").value(),
        IpNetwork::parse("::1").value(),
        IpNetwork::parse("fc00::/7").value(),
        IpNetwork::parse("fe80::/10").value(),
    };
    return std::ranges::any_of(networks, [&](const auto& each) { return each.contains(address); });
}

}  // namespace

void Places::use(std::shared_ptr<const PlaceFile> file) {
    const std::lock_guard lock(mutex_);
    // The one before goes after the lock: it may be large.
    std::swap(file_, file);
}

std::string Places::country_of(std::string_view address) const {
    const auto file = [this] {
        const std::lock_guard lock(mutex_);
        return file_;
    }();
    if (file == nullptr) return {};
    const auto parsed = parse_ip_address(address);
    if (!parsed || is_of_no_country(*parsed)) return {};
    return file->country_of(*parsed);
}

}  // namespace sallyport::policy
