#include "base/crypto/crypto.h"
#include "base/crypto/openssl.h"

#include <openssl/rand.h>

#include <algorithm>

namespace sallyport::crypto {

void SystemRandom::fill(std::span<std::byte> out) {
    // OpenSSL counts in int.
    constexpr std::size_t piece_max = 1U << 20;
    while (!out.empty()) {
        const auto piece = out.first(std::min(out.size(), piece_max));
        openssl::require(
            RAND_bytes(openssl::out(piece), static_cast<int>(piece.size())) == 1, "no randomness"
        );
        out = out.subspan(piece.size());
    }
}

}  // namespace sallyport::crypto
