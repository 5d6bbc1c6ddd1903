#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

// `sallyport login` through a browser: the page that asks, the code, the session that it opens.
[[nodiscard]] std::vector<Route> cli_sign_in_routes(Services& services);

}  // namespace sallyport::api
