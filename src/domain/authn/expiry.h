#pragma once
// Authenticators that grow old: their holder is told 30, 7 and 1 days before, and when they stop
// working (S1-28).

#include "base/core/moment.h"
#include "base/store/tx.h"

#include <array>
#include <cstddef>

namespace sallyport::authn {

inline constexpr std::array expiry_warning_days = {30, 7, 1};
inline constexpr std::size_t expiries_per_turn = 500;  // so that no transaction takes long

// Marks what is over as expired (cred.expired), and gives each warning that is due once
// (cred.expiring); both leave a notice to the holder. For a job, every minute: nothing depends on
// its being in time. Returns how many authenticators it dealt with; at expiries_per_turn there may
// be more.
std::size_t expire_authenticators(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::authn
