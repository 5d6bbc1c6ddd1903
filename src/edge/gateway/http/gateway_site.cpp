#include "edge/gateway/http/gateway_site.h"

#include "edge/http/origin_check.h"

namespace sallyport::gateway {

std::string GatewaySite::origin(std::string_view host) const {
    return http::site_origin(host, public_port);
}

}  // namespace sallyport::gateway
