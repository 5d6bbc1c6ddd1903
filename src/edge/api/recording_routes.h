#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"
#include "edge/http/work_pool.h"

#include <vector>

namespace sallyport::api {

// Recordings of visits: listed, shown, exported. Reading one takes a thread of `slow_pool`.
[[nodiscard]] std::vector<Route> recording_routes(Services& services, http::WorkPool& slow_pool);

}  // namespace sallyport::api
