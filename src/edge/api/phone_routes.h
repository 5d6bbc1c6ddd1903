#pragma once
// A phone's pages: to become one of an account, and to answer its questions. Where no push service
// is allowed, the open page holds a connection that the question comes over.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "domain/authn/context.h"
#include "edge/api/route.h"
#include "edge/api/services.h"

#include <string_view>
#include <vector>

namespace sallyport::api {

// What a phone's browser shows to fetch its questions.
inline constexpr std::string_view phone_cookie = "__Host-sallyport-phone";

// Refuses unauthenticated "push.phone_unknown" without it.
[[nodiscard]] Result<Bytes> phone_token(const http::Request& request);

// Both outlive the routes.
[[nodiscard]] std::vector<Route> phone_routes(Services& services, const authn::Context& authn);

}  // namespace sallyport::api
