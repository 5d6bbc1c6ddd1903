#pragma once
// The rows of recovery cases. What may be done to them is in recovery.h.

#include "domain/governance/recovery.h"

#include <vector>

namespace sallyport::governance {

void insert_recovery(
    store::Tx& tx, const RecoveryCase& recovery, const std::optional<Bytes>& agent_mac
);
[[nodiscard]] std::optional<Bytes> agent_mac_of(store::Tx& tx, const RecoveryId& id);
// state, decided_*, decision_reason, ticket.
void write_recovery(store::Tx& tx, const RecoveryCase& recovery);
// Open or approved.
[[nodiscard]] std::optional<RecoveryCase> running_recovery(store::Tx& tx, const AccountId& account);
[[nodiscard]] std::optional<RecoveryCase> recovery_of_ticket(store::Tx& tx, const TicketId& ticket);
// What is over by now and not yet marked so.
[[nodiscard]] std::vector<RecoveryCase> recoveries_over(
    store::Tx& tx, Time now, std::int64_t count_max
);

}  // namespace sallyport::governance
