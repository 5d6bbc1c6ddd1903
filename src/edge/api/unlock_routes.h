#pragma once
// Back into what idleness locked, with one factor (session/unlock.h).

#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"
#include "edge/http/work_pool.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> unlock_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
);

}  // namespace sallyport::api
