#pragma once
// Sign-in, second factor and enrolment with security keys and passkeys.

#include "domain/authn/context.h"
#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> passkey_routes(const authn::Context& authn);

}  // namespace sallyport::api
