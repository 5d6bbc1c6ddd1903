#pragma once
// The rows of grants; this room's own. What may be done to them is in grants.h.

#include "domain/governance/grants.h"

#include <cstdint>

namespace sallyport::governance {

void insert_grant(store::Tx& tx, const Grant& grant);
void write_decision(store::Tx& tx, const Grant& grant);  // state, decided_*, decision_reason
void write_end(store::Tx& tx, const Grant& grant);       // state, ended_*, end_reason
[[nodiscard]] std::int64_t count_undecided(store::Tx& tx, const AccountId& requester, Time now);
// Marks and returns approved grants that are over and were not yet told of.
[[nodiscard]] std::vector<Grant> take_ended(store::Tx& tx, Time now, std::int64_t count_max);

}  // namespace sallyport::governance
