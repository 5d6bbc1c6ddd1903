#pragma once

#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"
#include "edge/gateway/http/http_gateway.h"
#include "edge/http/work_pool.h"

#include <vector>

namespace sallyport::api {

// The whole table. What it works with outlives it.
[[nodiscard]] std::vector<Route> all_routes(
    Services& services,
    const authn::Context& authn,
    http::WorkPool& hash_pool,
    http::WorkPool& slow_pool,
    gateway::HttpGateway& gateway
);

}  // namespace sallyport::api
