#include "domain/authn/push/push_endpoint.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace sallyport::authn {

namespace {

constexpr std::string_view scheme = "https://";
constexpr std::uint16_t https_port = 443;
constexpr std::size_t label_size_max = 63;

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "push.endpoint_malformed");
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_label(std::string_view label) {
    if (label.empty() || label.size() > label_size_max) return false;
    if (!is_letter_or_digit(label.front()) || !is_letter_or_digit(label.back())) return false;
    return std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

// Lower-case labels with dots between: a name, or an IPv4 address (which only the list lets pass).
bool is_host(std::string_view host) {
    if (host.size() > push_host_size_max) return false;
    while (true) {
        const auto dot = host.find('.');
        if (!is_label(host.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        host.remove_prefix(dot + 1);
    }
}

// No leading zero, so that a port has one spelling.
std::optional<std::uint16_t> parse_port(std::string_view digits) {
    std::uint16_t port = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, port);
    if (error != std::errc() || stopped != end || digits.front() == '0') return std::nullopt;
    return port;
}

struct Authority {
    std::string_view host;
    std::uint16_t port;
};

std::optional<Authority> parse_authority(std::string_view text) {
    const auto colon = text.find(':');
    const auto host = text.substr(0, colon);
    if (!is_host(host)) return std::nullopt;
    if (colon == std::string_view::npos) return Authority{host, https_port};
    const auto port = parse_port(text.substr(colon + 1));
    if (!port) return std::nullopt;
    return Authority{host, *port};
}

// What RFC 3986 lets stand in a path and a query; anything else would have to be escaped.
bool is_target_character(char c) {
    constexpr std::string_view marks = "-._~!$&'()*+,;=:@/?%";
    return is_letter_or_digit(c) || (c >= 'A' && c <= 'Z') || marks.contains(c);
}

}  // namespace

std::string PushEndpoint::origin() const {
    auto out = std::string(scheme) + host;
    if (port != https_port) out += ":" + std::to_string(port);
    return out;
}

std::string PushEndpoint::url() const {
    return origin() + target;
}

Result<PushEndpoint> parse_push_endpoint(std::string_view url) {
    if (url.size() > push_endpoint_size_max || !url.starts_with(scheme)) return malformed();
    url.remove_prefix(scheme.size());
    const auto slash = url.find('/');
    if (slash == std::string_view::npos) return malformed();
    const auto authority = parse_authority(url.substr(0, slash));
    const auto target = url.substr(slash);
    if (!authority || !std::ranges::all_of(target, is_target_character)) return malformed();
    return PushEndpoint{
        .host = std::string(authority->host),
        .port = authority->port,
        .target = std::string(target),
    };
}

bool is_push_host(std::string_view line) {
    if (!line.starts_with("*.")) return parse_authority(line).has_value();
    const auto authority = parse_authority(line.substr(2));
    return authority && authority->host.contains('.');
}

bool is_allowed(const PushEndpoint& endpoint, const PushHosts& hosts) {
    return std::ranges::any_of(hosts, [&](std::string_view line) {
        const bool below = line.starts_with("*.");
        const auto listed = parse_authority(below ? line.substr(2) : line);
        if (!listed || listed->port != endpoint.port) return false;
        if (!below) return listed->host == endpoint.host;
        return endpoint.host.ends_with("." + std::string(listed->host));
    });
}

}  // namespace sallyport::authn
