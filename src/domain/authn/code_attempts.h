#pragma once
// Attempts at codes that say by themselves whose they are (tickets, recovery by mail): nobody is
// known yet, so they are counted against the source.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/audit/repeats.h"

namespace sallyport::authn {

// Refuses throttled "authn.throttled" (authn.throttled is written).
[[nodiscard]] Result<void> charge_code_attempt(
    const audit::Repeats& repeats, store::Tx& tx, const Moment& moment, const audit::Where& where
);
// It was right.
void settle_code_attempt(store::Tx& tx, const Moment& moment, const audit::Where& where);

}  // namespace sallyport::authn
