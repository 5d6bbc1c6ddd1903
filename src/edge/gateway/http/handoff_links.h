#pragma once
// The addresses of the handoff (domain/session/handoff.h), which the device host and the sign-in
// host must spell alike:
//
//   device host   303 → https://<sign-in host>/handoff?host=<device host>&nonce=<digest>&to=<path>
//                 with the nonce in a __Host- cookie of the device host;
//   sign-in host  GET /handoff: signs the person in, has the recording notice accepted, issues the
//                 code for (host, nonce digest), 303 → https://<device host>/.sallyport/handoff?…
//   device host   GET /.sallyport/handoff?code=<code>&to=<path>: redeems the code, sets its own
//   session
//                 cookie, 303 → https://<device host><path>, a clean address.
//
// Digest and code are base64url. `to` is never more than a path on the device host.

#include "domain/session/session.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::gateway {

inline constexpr std::string_view own_path_prefix = "/.sallyport/";  // never the device's
inline constexpr std::string_view handoff_return_path = "/.sallyport/handoff";
inline constexpr std::string_view handoff_ask_path = "/handoff";  // on the sign-in host

// Where people find this server.
struct GatewaySite {
    std::string sign_in_host;   // "sallyport.localhost"
    std::string device_suffix;  // "gate.localhost"
    std::uint16_t public_port = 443;

    // "https://host", with the port unless it is 443.
    [[nodiscard]] std::string origin(std::string_view host) const;
};

[[nodiscard]] std::string handoff_ask_url(
    const GatewaySite& site,
    std::string_view device_host,
    const session::TokenDigest& nonce_digest,
    std::string_view to
);
// For the sign-in host, once it has a code.
[[nodiscard]] std::string handoff_return_url(
    const GatewaySite& site, std::string_view device_host, BytesView code, std::string_view to
);

// `to` if it is a path of one host and of no more than 2 KiB ("/a?b", not "//evil" or "/\evil"),
// else "/".
[[nodiscard]] std::string safe_return_path(std::string_view to);

}  // namespace sallyport::gateway
