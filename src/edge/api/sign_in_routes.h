#pragma once

#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"
#include "edge/http/work_pool.h"

#include <vector>

namespace sallyport::api {

// Signing in with both factors, signing out. `authn` and `pool` outlive the routes.
[[nodiscard]] std::vector<Route> sign_in_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
);

}  // namespace sallyport::api
