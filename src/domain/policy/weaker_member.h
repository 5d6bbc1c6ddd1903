#pragma once
// Which changes of a policy's members ask less of somebody, or let them do more or for longer. For
// .cpp files only.

#include "domain/policy/policy_members.h"

namespace sallyport::policy {

// A new role's own members are no weaker than anything, but for its exception; nobody holds it yet.
[[nodiscard]] bool is_weaker(const MemberChange& change, const Policy& from, const Policy& to);

// An exception's; device_bound if it can't be read.
[[nodiscard]] Strength strength_in_member(const nlohmann::json& exception);

}  // namespace sallyport::policy
