#pragma once
// What a sign-in has to prove, by the role and by the circumstances (policy/context.h).

#include "base/core/time.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/policy/policy.h"

#include <string_view>

namespace sallyport::authn {

// Of a role that the policy does not know: two factors, as role_strength() has it.
[[nodiscard]] policy::Strength demanded_strength(
    store::Tx& tx,
    const policy::Policy& policy,
    std::string_view role,
    const audit::Where& where,
    Time now
);
// Whether the circumstances let nobody of the role in, whatever they prove.
[[nodiscard]] bool is_denied_here(
    store::Tx& tx,
    const policy::Policy& policy,
    std::string_view role,
    const audit::Where& where,
    Time now
);

}  // namespace sallyport::authn
