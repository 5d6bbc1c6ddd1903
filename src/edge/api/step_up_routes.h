#pragma once

#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"
#include "edge/http/work_pool.h"

#include <vector>

namespace sallyport::api {

// Showing a factor again: the page, and a code, a passphrase or a phone. Security keys and cards
// have theirs in passkey_routes.h and card_routes.h. All three parameters outlive the routes.
[[nodiscard]] std::vector<Route> step_up_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
);

}  // namespace sallyport::api
