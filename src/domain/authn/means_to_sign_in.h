#pragma once
// Whether what an account has suffices to sign in as its role asks; so that nobody takes the last
// one away from themselves.

#include "base/core/time.h"
#include "domain/authn/authenticator.h"
#include "domain/policy/policy.h"

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

}  // namespace sallyport::authn
