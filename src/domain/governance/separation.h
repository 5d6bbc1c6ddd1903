#pragma once
// Separation of duties for one grant: may this account decide on that account's request? Judged by
// person, since an account is only a name that a person uses.

#include "base/core/id.h"
#include "base/core/result.h"
#include "base/core/time.h"
#include "base/store/tx.h"
#include "domain/policy/policy.h"

namespace sallyport::governance {

// Refuses denied "grant.own_request", "grant.same_person", "grant.account_creator",
// "grant.factor_issuer", "grant.secret_keeper"; see decide_grant().
[[nodiscard]] Result<void> check_separation(
    store::Tx& tx,
    const policy::Policy& policy,
    const AccountId& requester,
    const AccountId& decider,
    const DeviceId& device,
    Time now
);

}  // namespace sallyport::governance
