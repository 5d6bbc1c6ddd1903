#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

// The policy in force, its versions, and how the next one comes into force: proposed by one
// person, approved by another.
[[nodiscard]] std::vector<Route> policy_routes(Services& services);

}  // namespace sallyport::api
