#pragma once
// Separation of duties, for grants: may this account decide on that account's request? Judged by
// person, since an account is only a name that a person uses.

#include "base/core/id.h"
#include "base/core/result.h"
#include "base/core/time.h"
#include "base/store/tx.h"
#include "domain/policy/policy.h"

namespace sallyport::governance {

// Whether one of them issued or reset a factor of the other's account since then: whoever holds
// somebody's factors would be deciding with themselves.
[[nodiscard]] bool factors_in_one_hand(
    store::Tx& tx, const AccountId& one, const AccountId& other, Time since
);

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
