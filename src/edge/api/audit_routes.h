#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

// Reading the audit log. A look at it is an event too (audit.viewed), an export asks again who one
// is (S0-78).
[[nodiscard]] std::vector<Route> audit_routes(Services& services);

}  // namespace sallyport::api
