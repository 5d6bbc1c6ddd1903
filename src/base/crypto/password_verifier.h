#pragma once
// The text of a stored password verifier, in the manner of a PHC string:
//
//     $argon2id-hmac-sha256$v=19$m=19456,t=2,p=1,keyid=1$<salt>$<mac>
//
// m in KiB, t passes, keyid the pepper's version; salt (16 bytes) and mac (32 bytes) in Base64
// without padding. One spelling per value.

#include "base/core/result.h"
#include "base/crypto/password_hash.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace sallyport::crypto {

using PasswordSalt = std::array<std::byte, 16>;
using PasswordMac = std::array<std::byte, 32>;

struct PasswordVerifier {
    static constexpr std::size_t memory_bytes_max = std::size_t{1} << 30;
    static constexpr std::uint64_t passes_max = 64;

    PasswordCost cost;
    PasswordSalt salt{};
    PasswordMac mac{};

    friend bool operator==(const PasswordVerifier&, const PasswordVerifier&) = default;
};

[[nodiscard]] std::string to_text(const PasswordVerifier& verifier);
// Refuses "password_verifier.malformed", also a cost below the floor or above the maxima, so that a
// changed row can neither weaken the hash nor exhaust the server.
[[nodiscard]] Result<PasswordVerifier> parse_password_verifier(std::string_view text);

// The cost that takes about 100 ms on a machine that needs this long for the lowest one.
[[nodiscard]] PasswordCost password_cost_for(double seconds_at_floor);

}  // namespace sallyport::crypto
