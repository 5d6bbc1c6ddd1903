#pragma once
// The last administrator's way back: whoever works on the server's host asks for the recovery of an
// administrator's account. It alarms at once, and works only once another administrator has
// approved it or host_recovery_wait has passed in which any of them could refuse it. Then its one
// code is good for fifteen minutes, at /enrol.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"
#include "domain/audit/host_command.h"
#include "domain/directory/account.h"
#include "domain/governance/recovery.h"

#include <chrono>
#include <cstddef>

namespace sallyport::governance {

inline constexpr std::chrono::hours host_recovery_wait{24};

struct HostRecovery {
    RecoveryCase recovery;
    crypto::Secret code;  // text, shown once on the host's terminal
    Time ticket_starts_at;
    Time ticket_ends_at;
    std::size_t people_told;  // administrators with a notice; 0: there is no other
};

// Refuses not_found "user.unknown"; conflict "recovery.not_administrator" (the role does not manage
// users), "recovery.already_open"; and what authn::check_recoverable() refuses. Writes
// recovery.requested, ticket.issued and detect.alert, all by "operator" or Sallyport itself.
[[nodiscard]] Result<HostRecovery> open_host_recovery(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const keys::KeyRing& keys,
    const directory::LoginName& administrator,
    const audit::HostCommand& by
);

}  // namespace sallyport::governance
