#include "edge/gateway/http/handoff_links.h"

#include "edge/http/handoff.h"
#include "edge/http/origin_check.h"

namespace sallyport::gateway {

std::string GatewaySite::origin(std::string_view host) const {
    return http::site_origin(host, public_port);
}

std::string handoff_return_url(
    const GatewaySite& site, std::string_view device_host, BytesView code, std::string_view /*to*/
) {
    return site.origin(device_host) + std::string(http::handoff_return_path) +
           "?code=" + to_base64url(code);
}

}  // namespace sallyport::gateway
