#pragma once
// The factor outage matrix, as JSON and as a page of ui/.

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> factor_outage_routes(Services& services);

}  // namespace sallyport::api
