#pragma once
// Who had somebody else's factors in their hands: whoever issued an enrolment ticket or reset a
// factor could have enrolled it themselves, so for a while they may not approve for that account.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/store/tx.h"

#include <cstdint>
#include <vector>

namespace sallyport::governance {

enum class FactorCustody : std::uint8_t { ticket_issued, factor_reset };

// To be called in the transaction that issues the ticket or resets the factor. What a person does
// to their own account is noted, too, and harms nobody.
void note_factor_custody(
    store::Tx& tx,
    const AccountId& account,
    const AccountId& by,
    FactorCustody kind,
    const Moment& moment
);

// The accounts that did so to `account` later than `since`.
[[nodiscard]] std::vector<AccountId> factor_custodians(
    store::Tx& tx, const AccountId& account, Time since
);

}  // namespace sallyport::governance
