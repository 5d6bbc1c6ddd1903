#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

// Liveness, readiness and the style sheet: all that the public may see besides sign-in.
[[nodiscard]] std::vector<Route> health_routes(Services& services);

}  // namespace sallyport::api
