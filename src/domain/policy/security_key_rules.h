#pragma once
// What a role asks of its holders' security keys and passkeys: of which models a new one may be,
// and when one has to check who holds it.

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

namespace sallyport::policy {

inline constexpr std::size_t key_models_max = 200;

// By PIN or biometric (WebAuthn §6.2.3).
enum class KeyUserVerification : std::uint8_t {
    when_alone,  // where no passphrase was shown before it
    always,
};

struct SecurityKeyRules {
    // Of new keys: their maker vouches for them, under a root that is trusted here (WebAuthn §6.5).
    // Passkeys that are synced come without.
    bool attested = false;
    // Of new keys: only these models, by AAGUID in lower case. Empty: any. Asks for `attested`,
    // since a model is a claim until then.
    std::set<std::string> models = {};
    KeyUserVerification user_verification = KeyUserVerification::when_alone;

    friend bool operator==(const SecurityKeyRules&, const SecurityKeyRules&) = default;
};

}  // namespace sallyport::policy
