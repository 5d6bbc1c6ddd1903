#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

// People, their accounts, and the tickets by which they enrol alone.
[[nodiscard]] std::vector<Route> user_routes(Services& services);

}  // namespace sallyport::api
