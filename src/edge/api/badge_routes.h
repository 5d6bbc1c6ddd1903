#pragma once
// A badge at a workstation's browser: the page that waits for a tap and then for the PIN, and what
// it unlocks (session/badge_sessions.h). Works without scripts.

#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"
#include "edge/http/work_pool.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> badge_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
);

}  // namespace sallyport::api
