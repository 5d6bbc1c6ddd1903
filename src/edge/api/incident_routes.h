#pragma once
// "Something is wrong with my account": reported on one's own page, looked into by those whose task
// it is.

#include "edge/api/pages/html.h"
#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

// For *Your security*: one form, no fresh proof asked.
[[nodiscard]] Html report_form(const session::Session& session);

[[nodiscard]] std::vector<Route> incident_routes();

}  // namespace sallyport::api
