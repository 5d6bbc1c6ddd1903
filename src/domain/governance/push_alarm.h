#pragma once
// Somebody else is at an account's sign-in, as its phone gave away (authn/push/push_alert.h): those
// who look after reports are told.

#include "base/core/moment.h"
#include "base/store/database.h"
#include "base/store/tx.h"
#include "domain/authn/push/push_alert.h"
#include "domain/policy/policy.h"

#include <vector>

namespace sallyport::governance {

// In the transaction that the alerts come from. Writes detect.alert for each, and a notice to the
// holders of incident_close, the account's own holder left out.
void raise_push_alerts(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const std::vector<authn::PushAlert>& alerts
);

// Ends the questions whose minute is over, with what follows from it. For a job, every second: what
// is suspended is so when the time is over, not when somebody asks next.
void end_overdue_pushes(
    store::Database& database, const Moment& moment, const policy::Policy& policy
);

}  // namespace sallyport::governance
