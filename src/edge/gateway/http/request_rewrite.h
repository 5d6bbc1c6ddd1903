#pragma once
// What a person's browser sent, as the device is to see it. Pure functions over heads.

#include "base/core/result.h"
#include "edge/gateway/http/host_map.h"
#include "edge/http/http1_codec.h"
#include "edge/http/message.h"

#include <cstdint>
#include <string_view>

namespace sallyport::gateway {

// Ours begin with this (edge/http/handoff.h); they never travel to a device, and a device can't set
// one.
inline constexpr std::string_view own_cookie_prefix = "__Host-sallyport";

[[nodiscard]] bool is_own_cookie(std::string_view name) noexcept;

// What no device profile can allow. Refuses denied "gateway.cross_site" (a request that another
// site made the browser send: all but plain navigation; RFC 6454 and Fetch Metadata),
// "gateway.service_worker", "gateway.method" (CONNECT, and TRACE, which would echo the credential).
[[nodiscard]] Result<void> guard_request(
    const http::Request& request, std::string_view person_origin
);

// Whether a link on another site, or on another device's page, brought the browser here. Devices
// act on plain GET often enough that such a visitor is shown to the front page, whatever was linked
// to. What a person typed or keeps as a bookmark is their own (Fetch Metadata: "none").
[[nodiscard]] bool is_led_here_from_elsewhere(const http::Request& request);

// Whether a person asked, or a page that is open in their browser did by itself. Only the first
// keeps a session from going idle (S0-31). A browser tells the two apart only where its own window
// goes to another page at somebody's hand (Fetch Metadata §2.4, Sec-Fetch-User): a script can send
// any method without anybody there, and a page load itself anew, so that neither counts by itself.
// Of whatever sends no Fetch Metadata, every request counts.
[[nodiscard]] bool is_person_activity(const http::Request& request);

enum class Upgrade : std::uint8_t { no, yes };

// The head toward the device: Host, Origin and Referer are the device's own; the person's
// Authorization, cookies of ours, forwarding and hop-by-hop fields are gone; nothing is asked for
// that would hide a credential from the mask (encodings, ranges). `framing` is that of the body as
// it will be sent. The device's own Authorization is not in it: that is added to the bytes, since
// a head is no place for a secret.
[[nodiscard]] http::RequestHead rewrite_request(
    const http::RequestHead& head,
    const http::Request& request,
    const HostMap& hosts,
    const http::Framing& framing,
    Upgrade upgrade
);

}  // namespace sallyport::gateway
