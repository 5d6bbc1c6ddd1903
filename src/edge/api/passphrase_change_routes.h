#pragma once
// A sign-in with a compromised passphrase leads here, and nowhere else: a new one is set, then the
// person signs in with it.

#include "domain/authn/authentication_proof.h"
#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"
#include "edge/http/work_pool.h"

#include <string>
#include <vector>

namespace sallyport::api {

// In place of a session, in the transaction of the sign-in: whatever is open of the account ends.
[[nodiscard]] Reply begin_passphrase_change(
    store::Tx& tx, const Moment& moment, authn::AuthenticationProof proof, const audit::Where& where
);

[[nodiscard]] std::vector<Route> passphrase_change_routes(
    Services& services, const authn::Context& authn, http::WorkPool& pool
);

}  // namespace sallyport::api
