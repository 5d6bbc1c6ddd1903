#pragma once
// The second form of the sign-in, answered on a phone: ask, wait, go on. Works without scripts.

#include "domain/authn/context.h"
#include "edge/api/pages/html.h"
#include "edge/api/route.h"
#include "edge/api/services.h"

#include <string_view>
#include <vector>

namespace sallyport::api {

// Both outlive the routes.
[[nodiscard]] std::vector<Route> push_sign_in_routes(
    Services& services, const authn::Context& authn
);

// For the page of the second form: a button that asks the phone.
[[nodiscard]] Html ask_phone_form(std::string_view form_token, std::string_view next);

}  // namespace sallyport::api
