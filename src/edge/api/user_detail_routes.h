#pragma once
// One person's account as an administrator sees it: how their identity was checked, and their
// authenticators.

#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> user_detail_routes();

}  // namespace sallyport::api
