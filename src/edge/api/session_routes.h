#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

// Who is signed in, and which visits are open; ending either.
[[nodiscard]] std::vector<Route> session_routes(Services& services);

}  // namespace sallyport::api
