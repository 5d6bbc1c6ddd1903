#pragma once
// What enrolment asks of the bootstrap code.

#include "domain/authn/bootstrap.h"

namespace sallyport::authn {

// Uses the code up. Refuses denied "bootstrap.unknown", "bootstrap.used", "bootstrap.expired",
// "bootstrap.not_first": for the log, not for whoever shows it.
[[nodiscard]] Result<void> use_bootstrap_code(
    store::Tx& tx, const Moment& moment, const keys::KeyRing& keys, const crypto::Secret& canonical
);
[[nodiscard]] bool any_account(store::Tx& tx);

}  // namespace sallyport::authn
