#pragma once
// The roles of a policy as an auditor reads them, one after the other (S0-06, S0-48), and what
// raises the demand besides the role.

#include "domain/policy/policy.h"
#include "edge/api/pages/html.h"

namespace sallyport::api {

// For each scope its roles, with what must be shown now, why, who answers for it, and for how
// long. `policy`: as CurrentPolicy gives it.
[[nodiscard]] Html role_register(const policy::Policy& policy);

// The rules of posture, place and network, a sentence each with its reason.
[[nodiscard]] Html context_register(const policy::Policy& policy);

}  // namespace sallyport::api
