#pragma once
// Recovery through the help desk: a case is opened by one, let through or refused by another, and
// finished by the account's holder at /enrol with both codes.

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <vector>

namespace sallyport::api {

[[nodiscard]] std::vector<Route> recovery_routes(Services& services);

}  // namespace sallyport::api
