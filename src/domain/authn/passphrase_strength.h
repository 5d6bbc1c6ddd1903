#pragma once
// How many guesses a passphrase would take, by zxcvbn (Wheeler, USENIX Security 2016): dictionary
// words, names, keyboard walks, dates, repetitions, and what is written in their stead (p4ssw0rd).

#include "base/crypto/secret.h"
#include "domain/policy/policy.h"

#include <cstddef>
#include <span>
#include <string>

namespace sallyport::authn {

// Bytes that are looked at: the time it takes grows faster than the text. What comes after them
// counts nothing.
inline constexpr std::size_t strength_bytes_max = 100;

// With a second factor: a million guesses. An account stops after 99 failures in a row, so that a
// guesser gets past its passphrase in one of ten thousand accounts at most.
inline constexpr double passphrase_bits_with_mfa = 20;
// Alone: a thousand million. Nothing else stands in the way then, not even of somebody who has the
// database and the pepper and hashes for three years of processor time.
inline constexpr double passphrase_bits_alone = 30;

[[nodiscard]] double passphrase_bits_min(policy::Strength role_strength) noexcept;

// The binary logarithm of the guesses. `words` (small letters) are what a guesser would try first.
// Pure; under a millisecond.
[[nodiscard]] double passphrase_bits(
    const crypto::Secret& normalised, std::span<const std::string> words
);

}  // namespace sallyport::authn
