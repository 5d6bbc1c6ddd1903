#include "edge/gateway/http/handoff_links.h"

#include "base/core/bytes.h"
#include "edge/http/ascii.h"
#include "edge/http/message.h"

namespace sallyport::gateway {

namespace {

constexpr std::size_t return_path_size_max = 2048;

}  // namespace

std::string GatewaySite::origin(std::string_view host) const {
    std::string out = "https://" + std::string(host);
    if (public_port != 443) out += ':' + std::to_string(public_port);
    return out;
}

std::string handoff_ask_url(
    const GatewaySite& site,
    std::string_view device_host,
    const session::TokenDigest& nonce_digest,
    std::string_view to
) {
    return site.origin(site.sign_in_host) + std::string(handoff_ask_path) +
           "?host=" + http::percent_encoded(device_host) + "&nonce=" + to_base64url(nonce_digest) +
           "&to=" + http::percent_encoded(safe_return_path(to));
}

std::string handoff_return_url(
    const GatewaySite& site, std::string_view device_host, BytesView code, std::string_view to
) {
    return site.origin(device_host) + std::string(handoff_return_path) +
           "?code=" + to_base64url(code) + "&to=" + http::percent_encoded(safe_return_path(to));
}

std::string safe_return_path(std::string_view to) {
    const bool one_host = to.starts_with('/') && !to.starts_with("//") && !to.contains('\\');
    if (!one_host || to.size() > return_path_size_max || !http::is_visible(to)) return "/";
    if (to.starts_with(own_path_prefix)) return "/";
    return std::string(to);
}

}  // namespace sallyport::gateway
