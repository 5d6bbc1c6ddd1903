#pragma once
// A person's own page about how they sign in: their authenticators, recovery codes, sessions, and
// what they should know.

#include "domain/authn/context.h"
#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> own_security_routes(const authn::Context& authn);

}  // namespace sallyport::api
