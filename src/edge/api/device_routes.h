#pragma once

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

// Devices, their profiles, and their credentials going into the vault.
[[nodiscard]] std::vector<Route> device_routes(Services& services);

}  // namespace sallyport::api
