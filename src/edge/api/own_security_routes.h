#pragma once
// A person's own page about how they sign in: their authenticators, recovery codes, sessions, and
// what they should know.

#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> own_security_routes(
    Services& services, const authn::Context& authn
);

}  // namespace sallyport::api
