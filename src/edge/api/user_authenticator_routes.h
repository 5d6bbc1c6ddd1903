#pragma once
// Somebody else's authenticators: what an administrator sees of them, and suspends, takes up again,
// revokes, and ends on a day.

#include "domain/directory/account.h"
#include "edge/api/pages/html.h"
#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

// As a table with what can be done to each.
[[nodiscard]] Html authenticators_section(
    store::Tx& tx, const Call& call, const directory::Account& account
);

[[nodiscard]] std::vector<Route> user_authenticator_routes();

}  // namespace sallyport::api
