#pragma once
// "Forgot your passphrase?": a code by mail, for those whose role allows it. Pages without scripts.

#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> mail_recovery_routes(
    Services& services, const authn::Context& authn
);

}  // namespace sallyport::api
