#pragma once
// Choosing the language of the pages, with or without a session.

#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> language_routes();

}  // namespace sallyport::api
