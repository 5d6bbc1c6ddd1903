#pragma once
// The notice that visits are recorded: who may watch, how long it is kept, why. Each person accepts
// each version once, before their first visit.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"

#include <string>

namespace sallyport::governance {

// Notes that the account's holder accepted this version; again is fine and notes nothing. Refuses
// denied "notice.other_account" (nobody accepts for somebody else) and conflict
// "notice.other_version" (not the version of the policy in force, so not what was just read).
// Writes notice.accepted.
[[nodiscard]] Result<void> accept_notice(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const std::string& version,
    const audit::Actor& actor
);

[[nodiscard]] bool notice_accepted(
    store::Tx& tx, const AccountId& account, const std::string& version
);

}  // namespace sallyport::governance
