#pragma once
// The sign-in host's side of the handoff to a device's host (http/handoff.h, session/handoff.h):
// the challenge, the proof for it, and the way back with a code.

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> handoff_routes(Services& services);

}  // namespace sallyport::api
