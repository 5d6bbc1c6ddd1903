#include "edge/gateway/http/host_map.h"

#include "edge/http/ascii.h"
#include "edge/http/target.h"

#include <algorithm>

namespace sallyport::gateway {

namespace {

// An IPv6 address stands in brackets in an authority (RFC 3986 §3.2.2).
std::string bracketed(const std::string& address) {
    const bool bare_v6 = address.contains(':') && !address.starts_with('[');
    return bare_v6 ? '[' + address + ']' : address;
}

std::string with_port(std::string host, std::uint16_t port, std::uint16_t usual) {
    if (port != usual) host += ':' + std::to_string(port);
    return host;
}

struct Split {
    bool https = false;
    std::string_view authority;
    std::string_view rest;  // path, query, fragment
};

// "http://authority/rest", "https://…" or "//…"; none if it is relative or of another scheme.
std::optional<Split> split(std::string_view url) {
    Split parts;
    const auto colon = url.find(':');
    const auto scheme = http::lower_case(url.substr(0, std::min<std::size_t>(colon, 6)));
    if (url.starts_with("//")) {
        url.remove_prefix(2);
    } else if (scheme == "http" || scheme == "https") {
        parts.https = scheme == "https";
        if (!url.substr(colon).starts_with("://")) return std::nullopt;
        url.remove_prefix(colon + 3);
    } else {
        return std::nullopt;
    }
    // Browsers read a backslash as a slash here; so do we, or the two would see other hosts.
    const auto end = std::min(url.find_first_of("/\\?#"), url.size());
    parts.authority = url.substr(0, end);
    parts.rest = url.substr(end);
    return parts;
}

}  // namespace

HostMap::HostMap(std::string host, std::uint16_t public_port, const directory::Device& device)
    : host_(std::move(host)),
      person_origin_("https://" + with_port(host_, public_port, 443)),
      device_host_(http::lower_case(bracketed(device.address))),
      device_port_(device.port),
      public_port_(public_port) {
    device_authority_ = with_port(device_host_, device.port, 80);
}

std::optional<std::string> HostMap::to_device(std::string_view url) const {
    const auto parts = split(url);
    if (!parts || !parts->https) return std::nullopt;
    const auto authority = http::parse_authority(parts->authority);
    if (!authority || authority->host != host_) return std::nullopt;
    if (authority->port.value_or(443) != public_port_) return std::nullopt;
    return "http://" + device_authority_ + std::string(parts->rest);
}

std::string HostMap::to_person(std::string_view url) const {
    const auto parts = split(url);
    if (!parts) return std::string(url);
    const auto at = parts->authority.rfind('@');
    const auto authority =
        at == std::string_view::npos ? parts->authority : parts->authority.substr(at + 1);
    if (!is_device(authority, parts->https)) return std::string(url);
    const bool needs_slash = !parts->rest.empty() && parts->rest.front() != '/';
    return person_origin_ + (needs_slash ? "/" : "") + std::string(parts->rest);
}

bool HostMap::is_device(std::string_view text, bool https) const {
    const auto authority = http::parse_authority(text);
    if (!authority) return false;
    if (authority->host == host_) return true;  // built from a Host it was not to see
    const std::uint16_t usual = https ? 443 : 80;
    return authority->host == device_host_ && authority->port.value_or(usual) == device_port_;
}

}  // namespace sallyport::gateway
