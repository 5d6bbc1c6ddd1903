#pragma once
// Where one is signed in: a person sees their own sessions and ends them. Ending one is
// "/api/self/sessions/{id}/end" of session_routes.h; others' sessions are there too.

#include "edge/api/pages/html.h"
#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

// For the page *Your security*.
[[nodiscard]] Html own_sessions(store::Tx& tx, const Call& call);

[[nodiscard]] std::vector<Route> own_session_routes();

}  // namespace sallyport::api
