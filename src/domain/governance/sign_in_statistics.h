#pragma once
// How people sign in, counted: whether the factors that resist phishing are used (S1-17), and how
// often people are asked again during their work (S1-36).

#include "base/core/time.h"
#include "base/store/tx.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace sallyport::governance {

// A user-shift: one account that signed in at least once between 00, 08, 16 and 24 h UTC.
inline constexpr std::chrono::hours shift_length{8};

struct RoleSignIns {
    std::string role;
    std::int64_t sign_ins = 0;            // sessions opened in a browser or a terminal
    std::int64_t phishing_resistant = 0;  // of these, with a key or card
    std::int64_t shifts = 0;              // user-shifts with a sign-in
    std::int64_t prompts = 0;             // times that a fresh proof was asked for
};

// Of each role that signed anybody in or was asked, in order of name. From `from` to `until`, both
// included.
[[nodiscard]] std::vector<RoleSignIns> sign_in_statistics(store::Tx& tx, Time from, Time until);

}  // namespace sallyport::governance
