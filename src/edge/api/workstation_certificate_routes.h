#pragma once
// Workstations by a certificate of their own: an administrator who sits at one registers it, and
// whoever sits there later has it recognised when its browser has lost the cookie.

#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> workstation_certificate_routes(
    Services& services, const authn::Context& authn
);

}  // namespace sallyport::api
