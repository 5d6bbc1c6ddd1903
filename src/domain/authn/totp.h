#pragma once
// Time-based one-time passwords (RFC 6238), as shown by authenticator apps.

#include "base/core/result.h"
#include "base/core/time.h"
#include "base/crypto/crypto.h"
#include "base/crypto/secret.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::authn {

// Which 30-second slot a code belongs to, counted from 1970.
enum class TotpStep : std::int64_t { none = -1 };

struct TotpRules {
    std::chrono::seconds period{30};
    int digits = 6;
    // How far the token's clock may be off, either way. 1 means three accepted steps, so that a
    // code is good for up to 90 seconds; 0 is the strict profile (L-08).
    int drift_steps_max = 1;
    // What every authenticator app in use understands. Stored with each seed.
    crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::sha1;
};

inline constexpr std::size_t totp_seed_size = 20;  // 160 bits (RFC 4226 §4 R6)

// The code of one step, `digits` long.
[[nodiscard]] std::string totp_code(
    const crypto::Secret& seed, TotpStep step, const TotpRules& rules = {}
);
[[nodiscard]] TotpStep totp_step(Time now, const TotpRules& rules = {});

// Returns the step `code` was made for. Refuses a code that is malformed ("totp.malformed"), that
// fits no step within the drift ("totp.wrong"), or whose step is not after `last_accepted`
// ("totp.replayed"): a code is good once, and so is everything before it.
//
// Pure. The caller brings the time and the last accepted step, and stores the returned step in
// the transaction that lets the person in. Looks at every step of the window whatever it finds.
[[nodiscard]] Result<TotpStep> verify_totp(
    const crypto::Secret& seed,
    std::string_view code,
    Time now,
    TotpStep last_accepted,
    const TotpRules& rules = {}
);

// otpauth://totp/ISSUER:ACCOUNT?secret=…, which apps read from the QR. A Secret, since the seed is
// in it.
[[nodiscard]] crypto::Secret otpauth_uri(
    const crypto::Secret& seed,
    std::string_view issuer,
    std::string_view account,
    const TotpRules& rules = {}
);

// For typing in by hand: base32 in groups of four.
[[nodiscard]] crypto::Secret seed_text(const crypto::Secret& seed);

[[nodiscard]] std::string_view to_text(crypto::HashAlgorithm algorithm) noexcept;  // "SHA1"
[[nodiscard]] crypto::HashAlgorithm totp_algorithm(std::string_view text);  // a fault if unknown

}  // namespace sallyport::authn
