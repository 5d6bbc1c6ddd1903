#pragma once
// The PIN of a badge (S1-18): known to its holder, checked here and never alone.

#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/keys/key_ring.h"

#include <cstddef>
#include <string>

namespace sallyport::authn {

inline constexpr std::size_t badge_pin_min = 6;  // digits
inline constexpr std::size_t badge_pin_max = 12;
// In a row; the tenth suspends the badge. Each is counted before it is looked at.
inline constexpr int badge_wrong_pins_max = 10;

// For a new PIN. Refuses invalid "badge.pin_malformed" (other than badge_pin_min to badge_pin_max
// ASCII digits), "badge.pin_guessable": even steps up or down, or one part over and over.
// Pure.
[[nodiscard]] Result<void> check_new_badge_pin(const crypto::Secret& pin);

// What is kept of a PIN that check_new_badge_pin() takes; answer() checks it. At the least cost
// that a passphrase may have, about 20 ms, for the hash pool. A million PINs are few at any cost
// that a ward would wait for: the tenth wrong one protects them, and the pepper if only the
// database is lost.
[[nodiscard]] std::string make_pin_verifier(const keys::KeyRing& keys, const crypto::Secret& pin);

}  // namespace sallyport::authn
