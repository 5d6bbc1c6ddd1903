#pragma once
// Smart cards: alone, after a passphrase, for step-up, and adding one to one's own account. Each is
// two routes: one sends the browser to the card host, the other is where it comes back.

#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> card_routes(Services& services, const authn::Context& authn);

}  // namespace sallyport::api
