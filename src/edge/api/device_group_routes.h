#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

// Asset groups: what the house says of them, their members, and a table of devices at once.
[[nodiscard]] std::vector<Route> device_group_routes(Services& services);

}  // namespace sallyport::api
