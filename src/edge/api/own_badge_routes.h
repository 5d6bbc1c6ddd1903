#pragma once
// A person's own badges: binding the card that the workstation's reader sees, and another PIN.

#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"
#include "edge/http/work_pool.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> own_badge_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
);

}  // namespace sallyport::api
