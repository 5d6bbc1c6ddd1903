#pragma once
// What the roles of a policy must be like, taken together, so that an auditor reads a scope in five
// minutes. check_policy() asks all of it.

#include "base/core/result.h"

namespace sallyport::policy {

struct Policy;

// Refuses invalid "policy.role_count": not 3 to 5 roles in a scope, or more without a written
// rationale. Roles of "both" count in each scope; a narrower form of a role is counted with it
// (S0-06).
[[nodiscard]] Result<void> check_role_counts(const Policy& policy);

// Refuses invalid "policy.narrower_role": one that narrows no role of its scope, or one that is
// narrowed already, or that does not leave out at least one permission of that role, adds one, or
// is of a lower risk class.
[[nodiscard]] Result<void> check_narrower_roles(const Policy& policy);

// Refuses invalid "policy.administrators": a scope in which not exactly one role manages users, or
// a role of "both" that does. An account has one scope, so nobody administers two with it.
[[nodiscard]] Result<void> check_administrators(const Policy& policy);

}  // namespace sallyport::policy
