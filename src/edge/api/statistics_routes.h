#pragma once
// How people sign in, as JSON and as a page of ui/.

#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> statistics_routes();

}  // namespace sallyport::api
