#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"
#include "edge/gateway/http/http_gateway.h"

#include <vector>

namespace sallyport::api {

// Visits that are open now: watched, and ended.
[[nodiscard]] std::vector<Route> connection_routes(
    Services& services, const gateway::HttpGateway& gateway
);

}  // namespace sallyport::api
