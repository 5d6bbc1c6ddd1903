#pragma once
// After a recovery code, where the role asks for a key: the binding of a new one, and then the
// session (domain/authn/key_rebinding.h).

#include "base/crypto/secret.h"
#include "domain/authn/context.h"
#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

// The answer of a second form that opens one: the flow's cookie ends, the rebinding's begins.
[[nodiscard]] Reply lead_to_new_key(const crypto::Secret& token);

[[nodiscard]] std::vector<Route> rebinding_routes(const authn::Context& authn);

}  // namespace sallyport::api
