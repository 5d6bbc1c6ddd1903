#pragma once
// What an account has, held against what its role asks for: what it is asked for at sign-in, and
// whether that suffices, so that nobody takes the last one away from themselves.

#include "base/core/time.h"
#include "base/store/tx.h"
#include "domain/authn/authenticator.h"
#include "domain/directory/account.h"
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

// Whether there is something to show beside a passphrase: a second factor that works, or recovery
// codes for one that was mislaid; they alone are none. Pure.
[[nodiscard]] bool has_second_factor(
    std::span<const Authenticator> authenticators, Time now
) noexcept;
// Whether its holder ever bound a second factor and did not take it away, though it may be mislaid
// or too old. Pure.
[[nodiscard]] bool holds_second_factor(std::span<const Authenticator> authenticators) noexcept;

// Whether who comes back to an account, or to one that is yet to be made, has to bring a second
// factor: the role asks for it, or they had one of their own accord, which nothing that gives back
// access takes away (S0-25, S0-51).
[[nodiscard]] bool demands_second_factor(
    store::Tx& tx,
    const policy::Policy& policy,
    const std::string& role,
    const std::optional<AccountId>& account
);

// Whether the loss of one thing would leave its holder with recovery codes alone: fewer than two
// can be used that suffice, beside the passphrase where that is needed. Never where the passphrase
// suffices. Pure.
[[nodiscard]] bool lacks_second_authenticator(
    std::span<const Authenticator> authenticators, policy::Strength demanded, Time now
);

// What the account must prove at sign-in: what its role asks for, and two factors where it has a
// second of its own accord (S0-25).
[[nodiscard]] policy::Strength demanded_of(
    store::Tx& tx, const policy::Policy& policy, const directory::Account& account, Time now
);

// Whether what the account has and can use now is enough for that, a recovery code for a mislaid
// factor counted.
[[nodiscard]] bool can_sign_in(
    store::Tx& tx, const policy::Policy& policy, const directory::Account& account, Time now
);

}  // namespace sallyport::authn
