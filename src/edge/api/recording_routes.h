#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

// Recordings of visits: listed, shown, exported.
[[nodiscard]] std::vector<Route> recording_routes(Services& services);

}  // namespace sallyport::api
