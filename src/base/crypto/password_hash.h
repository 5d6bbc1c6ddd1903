#pragma once
// Argon2id through libsodium (p = 1), as PHC strings.

#include "base/core/bytes.h"
#include "base/crypto/secret.h"

#include <cstdint>
#include <string>

namespace sallyport::crypto {

// Never below 19 MiB and two passes (OWASP, RFC 9106 §4 in spirit).
struct PasswordCost {
    std::size_t memory_bytes = 19U << 20;
    std::uint64_t passes = 2;

    friend bool operator==(const PasswordCost&, const PasswordCost&) = default;
};

// Measures this machine and returns the cost that takes about 100 ms, never below the floor.
[[nodiscard]] PasswordCost tune_password_cost();

// A keyed verifier: argon2id over the passphrase, with a random 128-bit salt, and HMAC-SHA-256
// under `pepper` over its output, so that the database alone can't confirm a guess (S0-47). The
// text names algorithm, cost, salt and pepper version.
[[nodiscard]] std::string hash_password(
    const Secret& passphrase, const Secret& pepper, const PasswordCost& cost
);
// Constant time in the result. A malformed verifier is a fault.
[[nodiscard]] bool verify_password(
    const Secret& passphrase, const Secret& pepper, const std::string& verifier
);
[[nodiscard]] bool needs_rehash(const std::string& verifier, const PasswordCost& cost);

}  // namespace sallyport::crypto
