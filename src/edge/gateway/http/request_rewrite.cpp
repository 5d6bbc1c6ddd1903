#include "edge/gateway/http/request_rewrite.h"

#include "edge/gateway/http/hop_by_hop.h"
#include "edge/http/ascii.h"
#include "edge/http/framing.h"

#include <algorithm>
#include <array>
#include <string>

namespace sallyport::gateway {

namespace {

// Never the device's business. `Proxy-…`, `X-Forwarded-…` and `Sec-Fetch-…` go by prefix.
constexpr std::array<std::string_view, 29> dropped_fields{
    "Authorization",    // the person's own; ours is added behind
    "Host",             // written anew
    "Origin",           // mapped
    "Referer",          // mapped
    "Cookie",           // filtered
    "Accept-Encoding",  // an encoded answer would hide the credential from the mask
    "Range",            // so would an answer cut in two by the person
    "If-Range",
    "Expect",  // answered by us
    "Forwarded",
    "Via",
    "X-Real-IP",
    "X-Client-IP",
    "Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "Max-Forwards",
    "Alt-Used",
    "Upgrade-Insecure-Requests",  // it has no TLS to offer
    "HTTP2-Settings",
    "Early-Data",
    "Service-Worker",
    // Some servers take method or path from these instead of the request line; what was decided
    // about is the request line.
    "X-HTTP-Method-Override",
    "X-HTTP-Method",
    "X-Method-Override",
    "X-Original-Method",
    "X-Original-URL",
    "X-Original-URI",
    "X-Rewrite-URL",
};

bool has_prefix(std::string_view name, std::string_view prefix) {
    return name.size() >= prefix.size() &&
           http::same_ignoring_case(name.substr(0, prefix.size()), prefix);
}

// Behind these the device would read requests that nobody decided about.
bool is_http_again(std::string_view protocol) {
    return has_prefix(protocol, "h2") || has_prefix(protocol, "http") ||
           has_prefix(protocol, "tls");
}

bool is_dropped(std::string_view name) {
    const bool listed = std::ranges::any_of(dropped_fields, [&](std::string_view dropped) {
        return http::same_field_name(name, dropped);
    });
    return listed || has_prefix(name, "Proxy-") || has_prefix(name, "X-Forwarded-") ||
           has_prefix(name, "Sec-Fetch-") || has_prefix(name, "X-Sallyport-");
}

// The device's own cookies out of the Cookie fields (RFC 6265 §5.4).
std::string device_cookies(const http::Headers& headers) {
    std::string kept;
    for (std::string_view field : headers.all("Cookie")) {
        while (!field.empty()) {
            const auto end = std::min(field.find(';'), field.size());
            const auto pair = http::trimmed(field.substr(0, end));
            field.remove_prefix(std::min(end + 1, field.size()));
            const auto name = http::trimmed(pair.substr(0, pair.find('=')));
            if (pair.empty() || is_own_cookie(name)) continue;
            if (!kept.empty()) kept += "; ";
            kept += pair;
        }
    }
    return kept;
}

bool is_safe(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

// A value of Sec-Fetch-Site that speaks of anybody but this page and the person.
bool is_foreign(std::string_view site) {
    return site != "same-origin" && site != "none";
}

bool is_navigation(const http::Request& request) {
    const auto mode = request.headers.only("Sec-Fetch-Mode");
    const auto destination = request.headers.only("Sec-Fetch-Dest");
    return mode == "navigate" && (destination == "document" || !destination);
}

}  // namespace

bool is_own_cookie(std::string_view name) noexcept {
    return has_prefix(name, own_cookie_prefix);
}

Result<void> guard_request(const http::Request& request, std::string_view person_origin) {
    if (request.method == "CONNECT" || request.method == "TRACE") {
        return refuse(Refusal::denied, "gateway.method", request.method);
    }
    if (request.headers.has("Service-Worker")) {
        return refuse(Refusal::denied, "gateway.service_worker");
    }
    if (std::ranges::any_of(http::list_members(request.headers, "Upgrade"), is_http_again)) {
        return refuse(Refusal::denied, "gateway.upgrade_not_allowed");
    }
    const auto sites = request.headers.all("Sec-Fetch-Site");
    for (const auto site : sites) {
        if (!is_foreign(site)) continue;
        if (request.method == "GET" && is_navigation(request)) continue;
        return refuse(Refusal::denied, "gateway.cross_site", "Sec-Fetch-Site");
    }
    if (is_safe(request.method) && !request.headers.has("Upgrade")) return {};
    for (const auto origin : request.headers.all("Origin")) {
        // "null" is what a sandboxed frame sends: somebody's, but not this page's.
        if (origin != person_origin) {
            return refuse(Refusal::denied, "gateway.cross_site", "Origin");
        }
    }
    return {};
}

bool is_led_here_from_elsewhere(const http::Request& request) {
    return std::ranges::any_of(request.headers.all("Sec-Fetch-Site"), is_foreign);
}

bool is_person_activity(const http::Request& request) {
    // No browser, or an old one: somebody typed it.
    if (!request.headers.has("Sec-Fetch-Mode")) return true;
    // A page that loads itself anew every few seconds navigates too, but by nobody's hand.
    const auto destination = request.headers.only("Sec-Fetch-Dest");
    return request.headers.only("Sec-Fetch-Mode") == "navigate" &&
           request.headers.only("Sec-Fetch-User") == "?1" && destination != "iframe" &&
           destination != "frame";
}

http::RequestHead rewrite_request(
    const http::RequestHead& head,
    const http::Request& request,
    const HostMap& hosts,
    const http::Framing& framing,
    Upgrade upgrade
) {
    http::RequestHead out;
    out.method = head.method;
    out.target = request.target;
    out.version = 11;
    out.framing = framing;
    out.headers.add("Host", hosts.device_authority());

    const HopByHop hop(head.headers);
    for (const auto& [name, value] : head.headers.fields()) {
        if (is_dropped(name) || hop.is(name)) continue;
        out.headers.add(name, value);
    }
    if (const auto origin = head.headers.only("Origin")) {
        if (auto mapped = hosts.to_device(*origin)) out.headers.add("Origin", *std::move(mapped));
    }
    if (const auto referer = head.headers.only("Referer")) {
        if (auto mapped = hosts.to_device(*referer)) {
            out.headers.add("Referer", *std::move(mapped));
        }
    }
    if (auto cookies = device_cookies(head.headers); !cookies.empty()) {
        out.headers.add("Cookie", std::move(cookies));
    }
    out.headers.add("Accept-Encoding", "identity");
    const auto wanted = head.headers.only("Upgrade");
    if (upgrade == Upgrade::yes && wanted) {
        out.headers.add("Connection", "Upgrade");
        out.headers.add("Upgrade", std::string(*wanted));
    }
    return out;
}

}  // namespace sallyport::gateway
