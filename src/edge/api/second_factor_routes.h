#pragma once
// A sign-in that has to bind a second factor before it may do anything else (S0-53).

#include "domain/authn/authentication_proof.h"
#include "domain/authn/context.h"
#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

// Where a sign-in goes in place of a session.
[[nodiscard]] Reply begin_second_factor(
    store::Tx& tx, const Moment& moment, authn::AuthenticationProof proof, const audit::Where& where
);

[[nodiscard]] std::vector<Route> second_factor_routes(const authn::Context& authn);

}  // namespace sallyport::api
