#include "domain/authn/badge/badge_pin.h"

#include "base/core/bytes.h"
#include "base/crypto/password_hash.h"

#include <algorithm>

namespace sallyport::authn {

namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

// Each digit follows the one before it by the same step, 9 and 0 being neighbours: 123456, 098765,
// 777777, 135791.
bool is_row(std::string_view digits) noexcept {
    constexpr int base = 10;
    const auto step = [&](std::size_t at) { return (digits[at] - digits[at - 1] + base) % base; };
    for (std::size_t at = 2; at < digits.size(); ++at) {
        if (step(at) != step(1)) return false;
    }
    return true;
}

// The same one, two or three digits over and over, or the same half twice: 121212, 123123.
bool repeats(std::string_view digits) noexcept {
    for (std::size_t period = 1; period <= digits.size() / 2; ++period) {
        if (digits.size() % period != 0) continue;
        const auto same =
            std::ranges::equal(digits.substr(period), digits.substr(0, digits.size() - period));
        if (same) return true;
    }
    return false;
}

}  // namespace

Result<void> check_new_badge_pin(const crypto::Secret& pin) {
    const auto digits = as_text(pin.expose());
    const bool sized = digits.size() >= badge_pin_min && digits.size() <= badge_pin_max;
    if (!sized || !std::ranges::all_of(digits, is_digit)) {
        return refuse(Refusal::invalid, "badge.pin_malformed");
    }
    if (is_row(digits) || repeats(digits)) return refuse(Refusal::invalid, "badge.pin_guessable");
    return {};
}

std::string make_pin_verifier(const keys::KeyRing& keys, const crypto::Secret& pin) {
    const crypto::PasswordCost least;
    return crypto::hash_password(pin, keys.key(keys::Purpose::password_pepper), least);
}

}  // namespace sallyport::authn
