#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

// The first page after sign-in: what one may reach, what one has asked for, and the notice that
// visits are recorded.
[[nodiscard]] std::vector<Route> home_routes(Services& services);

}  // namespace sallyport::api
