#include "domain/authn/passphrase_strength.h"

#include <zxcvbn.h>

#include <algorithm>
#include <vector>

namespace sallyport::authn {

namespace {

// The library takes texts that end with a zero; this copy of the passphrase is wiped like its own.
// (The library keeps one more, reversed, and writes over it before it returns.)
crypto::Secret zero_ended(const crypto::Secret& text) {
    const auto bytes = text.expose().first(std::min(text.size(), strength_bytes_max));
    return crypto::Secret::make(bytes.size() + 1, [&](std::span<std::byte> out) {
        std::ranges::copy(bytes, out.begin());
    });
}

}  // namespace

double passphrase_bits_min(policy::Strength role_strength) noexcept {
    return role_strength == policy::Strength::one_factor ? passphrase_bits_alone
                                                         : passphrase_bits_with_mfa;
}

double passphrase_bits(const crypto::Secret& normalised, std::span<const std::string> words) {
    std::vector<const char*> known;
    for (const auto& word : words) {
        known.push_back(word.c_str());
    }
    known.push_back(nullptr);
    const auto text = zero_ended(normalised);
    const auto bytes = text.expose();
    return ZxcvbnMatch(reinterpret_cast<const char*>(bytes.data()), known.data(), nullptr);
}

}  // namespace sallyport::authn
