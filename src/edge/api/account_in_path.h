#pragma once

#include "domain/directory/account.h"
#include "edge/api/route.h"

namespace sallyport::api {

// The account whose login name is the route's first placeholder. Refuses not_found "user.unknown".
[[nodiscard]] Result<directory::Account> account_in_path(store::Tx& tx, const Call& call);

}  // namespace sallyport::api
