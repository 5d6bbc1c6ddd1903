#pragma once
// One's own passphrase: set another, or sign in with keys alone (domain/authn/own_passphrase.h).

#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"
#include "edge/http/await.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> own_passphrase_routes(
    Services& services, const authn::Context& authn, http::WorkPool& hash_pool
);

}  // namespace sallyport::api
