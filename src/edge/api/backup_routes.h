#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

// Backups of the database, made by the server itself so that they are consistent.
[[nodiscard]] std::vector<Route> backup_routes(Services& services);

}  // namespace sallyport::api
