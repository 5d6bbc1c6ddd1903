#pragma once
// What a passphrase may be (SP 800-63B-4 §3.1.1.2): long enough, not a common one, nothing else. No
// composition rules, no expiry; every character counts.

#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "domain/policy/policy.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sallyport::authn {

inline constexpr std::size_t passphrase_bytes_max = 256;  // so at least 64 characters of any script
inline constexpr std::size_t passphrase_min_with_mfa = 8;  // characters
inline constexpr std::size_t passphrase_min_alone = 15;

// What is hashed: Unicode NFC, so that one passphrase typed on two keyboards is one. Nothing is cut
// or trimmed. Refuses invalid "passphrase.malformed" (not UTF-8, empty), "passphrase.too_long".
[[nodiscard]] Result<crypto::Secret> normalised_passphrase(const crypto::Secret& typed);

// Refuses invalid "passphrase.too_short" (for the strength that the role asks for; counted in
// Unicode characters), "passphrase.common" (on the list of common ones, a repetition of one, or
// nearly all one character), "passphrase.context" (little more than the login name, "sallyport" or
// one of `context_words`). Takes what normalised_passphrase() gave. Pure.
[[nodiscard]] Result<void> check_new_passphrase(
    const crypto::Secret& normalised,
    policy::Strength role_strength,
    std::string_view login_name,
    std::span<const std::string> context_words
);

[[nodiscard]] std::size_t passphrase_min(policy::Strength role_strength) noexcept;

}  // namespace sallyport::authn
