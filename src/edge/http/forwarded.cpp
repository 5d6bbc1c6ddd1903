#include "edge/http/forwarded.h"

#include "edge/http/ascii.h"
#include "edge/http/target.h"

#include <algorithm>
#include <ranges>
#include <vector>

namespace sallyport::http {

namespace {

constexpr std::size_t hops_max = 32;

std::vector<std::string_view> members(const std::vector<std::string_view>& lines) {
    std::vector<std::string_view> all;
    for (auto line : lines) {
        while (!line.empty()) {
            const auto end = std::min(line.find(','), line.size());
            all.push_back(trimmed(line.substr(0, end)));
            line.remove_prefix(std::min(end + 1, line.size()));
        }
    }
    return all;
}

// 192.0.2.1, 192.0.2.1:4711, [2001:db8::1], [2001:db8::1]:4711, 2001:db8::1
std::string_view without_port(std::string_view node) {
    if (node.starts_with('[')) {
        const auto end = node.find(']');
        return end == std::string_view::npos ? std::string_view() : node.substr(1, end - 1);
    }
    return std::ranges::count(node, ':') == 1 ? node.substr(0, node.find(':')) : node;
}

// The for= of one element of Forwarded; empty if it has none.
std::string_view forwarded_for(std::string_view element) {
    while (!element.empty()) {
        const auto end = std::min(element.find(';'), element.size());
        auto pair = trimmed(element.substr(0, end));
        element.remove_prefix(std::min(end + 1, element.size()));
        if (pair.size() < 4 || !same_ignoring_case(pair.substr(0, 4), "for=")) continue;
        pair.remove_prefix(4);
        if (pair.size() >= 2 && pair.starts_with('"') && pair.ends_with('"')) {
            pair = pair.substr(1, pair.size() - 2);
        }
        return pair;
    }
    return {};
}

}  // namespace

std::string client_address(const Headers& headers, std::string_view peer, const IpSet& listed) {
    std::string client(peer);
    if (!listed.contains(peer)) return client;

    const bool has_list = headers.has("X-Forwarded-For");
    if (has_list == headers.has("Forwarded")) return client;
    const auto hops = members(headers.all(has_list ? "X-Forwarded-For" : "Forwarded"));
    if (hops.size() > hops_max) return client;
    for (const auto hop : std::views::reverse(hops)) {
        const auto address = parse_ip(without_port(has_list ? hop : forwarded_for(hop)));
        if (!address) return std::string(peer);
        client = ip_text(*address);
        if (!listed.contains(client)) return client;
    }
    return client;
}

}  // namespace sallyport::http
