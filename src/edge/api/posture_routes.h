#pragma once
// What a device management (MDM) says of registered workstations, sent over the API where it can't
// leave a file on the server's host (`sallyport posture import`). Both are read and taken alike.

#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> posture_routes();

}  // namespace sallyport::api
