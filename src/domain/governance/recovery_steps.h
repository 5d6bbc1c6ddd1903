#pragma once
// What every way of recovery does the same: whether a case is over, how it ends, what its events
// tell.

#include "domain/governance/recovery.h"

#include <string>
#include <string_view>

namespace sallyport::governance {

// Whether it can lead nowhere any more. The job that says so may be late; nothing waits for it.
[[nodiscard]] bool is_over(store::Tx& tx, const Moment& moment, const RecoveryCase& recovery);
// Marks it and writes recovery.lapsed.
void lapse(store::Tx& tx, const Moment& moment, RecoveryCase recovery);
// Refuses conflict "recovery.already_open".
[[nodiscard]] Result<void> require_none_running(
    store::Tx& tx, const Moment& moment, const AccountId& account
);
[[nodiscard]] audit::Event event_about(
    const audit::Actor& actor, std::string_view type, std::string verb, const RecoveryCase& recovery
);

}  // namespace sallyport::governance
