#pragma once
// What the program at a workstation's badge reader asks for (`sallyport badge run`), and how an
// administrator lets one register.

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> badge_reader_routes(Services& services);

// Whether the browser that sent this is a workstation's with a badge reader.
[[nodiscard]] bool has_badge_reader(store::Tx& tx, const http::Request& request, Time now);

}  // namespace sallyport::api
