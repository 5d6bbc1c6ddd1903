#pragma once

#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

// What whoever is signed in asks about the session itself, and does with it. Of how it was proven:
//
//   acr         how strongly (policy/strength.h)
//   amr         by what: the sign-in's methods and those of a step-up that proved more (RFC 8176)
//   auth_time   when all factors were shown (seconds, RFC 7519 §2); no unlock moves it
//   proof_time  the last proof, which step-up looks at
//   factor      what that was: "otp" after a step-up with a code
[[nodiscard]] std::vector<Route> current_session_routes();

}  // namespace sallyport::api
