#pragma once

#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"
#include "edge/http/work_pool.h"

#include <vector>

namespace sallyport::api {

// First start and enrolment: a code or a ticket in hand, a person alone binds a passphrase and an
// authenticator app, sees ten recovery codes once, and is signed in.
[[nodiscard]] std::vector<Route> enrolment_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
);

}  // namespace sallyport::api
