#pragma once

#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

// What whoever is signed in asks about the session itself, and does with it. Of how it was proven:
//
//   acr         how strongly (policy/strength.h)
//   amr         by what: the sign-in's methods and those of a step-up that proved more (RFC 8176)
//   auth_time   when somebody signed in (seconds, RFC 7519 §2); no unlock or step-up moves it
//   proof_time  the last proof that was fresh, which step-up looks at; no unlock moves it
//   factor      what was shown last: "otp" after a step-up with a code, a badge after an unlock
[[nodiscard]] std::vector<Route> current_session_routes();

}  // namespace sallyport::api
