#pragma once
// What a passphrase may be (SP 800-63B-4 §3.1.1.2): long enough, and not one that a guesser tries
// early. No composition rules, no expiry by age; every character counts.

#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "domain/policy/policy.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sallyport::authn {

// Of what is hashed: at least 64 characters of any script.
inline constexpr std::size_t passphrase_bytes_max = 256;
// Of what a keyboard sends: one character may be a letter and its marks apart ("ế" is 5 bytes typed
// so, and 3 in NFC), up to four times as much.
inline constexpr std::size_t passphrase_typed_bytes_max = 4 * passphrase_bytes_max;
inline constexpr std::size_t passphrase_min_with_mfa = 8;  // characters
inline constexpr std::size_t passphrase_min_alone = 15;

// What is hashed: Unicode NFC, so that one passphrase typed on two keyboards is one. Nothing is cut
// or trimmed. Refuses invalid "passphrase.malformed" (not UTF-8, empty), "passphrase.too_long" (as
// typed, or in NFC).
[[nodiscard]] Result<crypto::Secret> normalised_passphrase(const crypto::Secret& typed);

// Whose passphrase it is to be, and where: what somebody who guesses knows of them.
struct PassphraseContext {
    std::string_view login_name;
    std::string_view display_name;
    std::span<const std::string> words;  // the hospital's name and such
};

// Refuses invalid "passphrase.too_short" (for the strength that the role asks for; counted in
// Unicode characters), "passphrase.common" (on the list of common ones, a repetition of one, or
// nearly all one character), "passphrase.context" (little more than a name of the context or
// "sallyport"), "passphrase.guessable" (under passphrase_strength.h's least). A name as a part of
// something longer is fine. Takes what normalised_passphrase() gave. Pure.
[[nodiscard]] Result<void> check_new_passphrase(
    const crypto::Secret& normalised,
    policy::Strength role_strength,
    const PassphraseContext& context
);

[[nodiscard]] std::size_t passphrase_min(policy::Strength role_strength) noexcept;

}  // namespace sallyport::authn
