#pragma once
// Codes that people type once: bootstrap codes, enrolment tickets, recovery codes. 80 random bits
// as sixteen characters of Crockford's base 32 (no I, L, O, U), in groups: 7QKM-2D0V-XH4T-9RWN.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/keys/key_ring.h"

#include <string_view>

namespace sallyport::authn {

inline constexpr std::size_t one_time_code_bits = 80;
inline constexpr std::size_t one_time_code_text_max = 64;  // longer input is not looked at

// A fresh code as it is shown, hyphens and all.
[[nodiscard]] crypto::Secret fresh_one_time_code();

// What somebody typed, brought to its one spelling: sixteen characters, no hyphens. Takes either
// case, spaces and hyphens anywhere, O for 0, I and L for 1. Refuses invalid "code.malformed".
[[nodiscard]] Result<crypto::Secret> read_one_time_code(std::string_view typed);

// What is stored of a code: its MAC under a key that is not in the database. `use` keeps the codes
// of one use (and one account) from being good for another.
[[nodiscard]] Bytes mac_of_code(
    const keys::KeyRing& keys,
    keys::Purpose purpose,
    std::string_view use,
    const crypto::Secret& canonical
);

}  // namespace sallyport::authn
