#pragma once
// First start: no account exists, and none is made. A one-time code, shown on the operator's
// terminal apart from the address, lets whoever reads it enrol as the first administrator (S0-13).

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"

#include <chrono>

namespace sallyport::authn {

inline constexpr std::chrono::minutes bootstrap_code_life{60};

struct BootstrapCode {
    crypto::Secret code;  // text in groups
    Time ends_at;
};

// A new code; an earlier one stops working. Stored as a MAC. Refuses conflict
// "bootstrap.not_first" once an account exists.
[[nodiscard]] Result<BootstrapCode> create_bootstrap_code(
    store::Tx& tx, const Moment& moment, const keys::KeyRing& keys
);

}  // namespace sallyport::authn
