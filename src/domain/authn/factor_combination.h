#pragma once
// The combinations of factors that people sign in with, and how much each of them proves.

#include "domain/authn/authenticator.h"
#include "domain/policy/strength.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sallyport::authn {

enum class Copies : std::uint8_t { none, by_its_maker };

// What is shown together.
struct FactorCombination {
    std::string_view name;                   // "passphrase_and_app"; stable
    std::array<AuthenticatorKind, 2> kinds;  // twice the same: one alone
    Copies copies = Copies::none;
};

// From the strongest to the weakest.
[[nodiscard]] std::span<const FactorCombination> factor_combinations() noexcept;

// Whether that suffices is suffices()'s to say, as at sign-in. Pure.
[[nodiscard]] bool satisfies(const FactorCombination& combination, policy::Strength demanded);

// The most that it satisfies; none: it signs nobody in. Pure.
[[nodiscard]] std::optional<policy::Strength> proven_by(const FactorCombination& combination);

}  // namespace sallyport::authn
