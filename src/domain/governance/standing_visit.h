#pragma once
// Whether what runs may go on: a visit was let in under one policy, and another is in force.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/policy/lease.h"
#include "domain/policy/permit.h"
#include "domain/policy/policy.h"

namespace sallyport::governance {

// Decides a held lease anew, under `policy` and by what the store says now of its session, grant
// and device: what was allowed goes on only if it would be let in today. The Permit is for
// policy::Leases::renew(); its time counts from when the lease was first decided. Refuses
// unauthenticated "session.ended", not_found "device.unknown", denied "device.retired" and
// "notice.not_accepted" (the policy brought another recording notice), and what policy::decide()
// refuses. Idleness is not asked about: the memory of it is ahead of the store.
[[nodiscard]] Result<policy::Permit> decide_anew(
    store::Tx& tx, const Moment& moment, const policy::Policy& policy, const policy::HeldLease& held
);

}  // namespace sallyport::governance
