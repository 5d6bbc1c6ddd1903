#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"
#include "edge/http/work_pool.h"

#include <vector>

namespace sallyport::api {

// Backups, made by the server itself, so that they are consistent, sealed and on record.
[[nodiscard]] std::vector<Route> backup_routes(Services& services, http::WorkPool& slow_pool);

}  // namespace sallyport::api
