#pragma once
// Whether what an account has suffices to sign in as its role asks; so that nobody takes the last
// one away from themselves.

#include "base/core/time.h"
#include "domain/authn/authenticator.h"
#include "domain/policy/policy.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace sallyport::authn {

enum class RecoveryCodes : std::uint8_t {
    count,  // they help until something better is bound: enough while a factor is mislaid
    do_not_count,
};

// Pure.
[[nodiscard]] bool suffices(
    std::span<const Authenticator> authenticators,
    policy::Strength demanded,
    Time now,
    RecoveryCodes recovery_codes
) noexcept;

// Of those that open a sign-in without a passphrase, as the role asks: keys that check who holds
// them, and cards (S1-70). Pure.
[[nodiscard]] std::size_t keys_that_suffice_alone(
    std::span<const Authenticator> authenticators, policy::Strength demanded, Time now
) noexcept;

}  // namespace sallyport::authn
