#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

// Asking for access, deciding about it, ending it.
[[nodiscard]] std::vector<Route> grant_routes(Services& services);

}  // namespace sallyport::api
