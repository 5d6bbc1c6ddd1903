#include "base/crypto/password_hash.h"

#include "base/core/fault.h"
#include "base/crypto/crypto.h"
#include "base/crypto/password_verifier.h"

#include <sodium.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace sallyport::crypto {
namespace {

constexpr std::size_t output_size = 32;

// Without this libsodium works, but with its slowest code.
void start_sodium() {
    static const bool started = sodium_init() >= 0;
    if (!started) throw Fault("libsodium does not start");
}

Secret argon2id(const Secret& passphrase, const PasswordSalt& salt, const PasswordCost& cost) {
    start_sodium();
    static_assert(std::tuple_size_v<PasswordSalt> == crypto_pwhash_argon2id_SALTBYTES);
    // libsodium wants an address, even of nothing.
    static constexpr std::byte nothing{};
    const auto password = passphrase.size() > 0 ? passphrase.expose() : std::span(&nothing, 0);
    return Secret::make(output_size, [&](std::span<std::byte> out) {
        const int failed = crypto_pwhash_argon2id(
            reinterpret_cast<unsigned char*>(out.data()),
            out.size(),
            reinterpret_cast<const char*>(password.data()),
            password.size(),
            reinterpret_cast<const unsigned char*>(salt.data()),
            cost.passes,
            cost.memory_bytes,
            crypto_pwhash_argon2id_ALG_ARGON2ID13
        );
        if (failed != 0) throw Fault("argon2id failed: not enough memory for one password hash");
    });
}

PasswordMac keyed(
    const Secret& passphrase,
    const Secret& pepper,
    const PasswordSalt& salt,
    const PasswordCost& cost
) {
    const auto hash = argon2id(passphrase, salt, cost);
    return hmac_sha256(pepper, hash.expose());
}

// The fastest of three: the first pays for the pages, and others may have had the processor.
double seconds_for(const PasswordCost& cost) {
    const auto passphrase = Secret::random(16);
    double fastest = std::numeric_limits<double>::max();
    for (int i = 0; i < 3; ++i) {
        const auto start = std::chrono::steady_clock::now();
        static_cast<void>(argon2id(passphrase, PasswordSalt{}, cost));
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        fastest = std::min(fastest, taken.count());
    }
    return fastest;
}

PasswordVerifier parsed_or_fault(const std::string& text) {
    auto verifier = parse_password_verifier(text);
    if (!verifier) throw Fault("a stored password verifier is malformed");
    return *verifier;
}

}  // namespace

PasswordCost tune_password_cost() {
    const PasswordCost floor;
    return password_cost_for(seconds_for(floor));
}

// Memory first, since it is what hurts an attacker's hardware, as far as 64 MiB; then passes.
PasswordCost password_cost_for(double seconds_at_floor) {
    constexpr double target_seconds = 0.1;
    constexpr std::uint64_t mebibyte = 1U << 20;
    constexpr std::uint64_t memory_max = 64;
    constexpr std::uint64_t passes_max = 16;
    const PasswordCost floor;

    const std::uint64_t memory_min = floor.memory_bytes / mebibyte;
    const double at_floor = static_cast<double>(memory_min * floor.passes);
    const double affordable =
        std::clamp(target_seconds / seconds_at_floor, 1.0, 1e3) * at_floor;  // MiB × passes
    const auto memory =
        std::clamp(static_cast<std::uint64_t>(affordable) / floor.passes, memory_min, memory_max);
    const auto passes =
        std::clamp(static_cast<std::uint64_t>(affordable) / memory, floor.passes, passes_max);
    return {memory * mebibyte, passes};
}

std::string hash_password(
    const Secret& passphrase, const Secret& pepper, const PasswordCost& cost
) {
    PasswordVerifier verifier{.cost = cost, .salt = {}, .mac = {}};
    SystemRandom().fill(verifier.salt);
    verifier.mac = keyed(passphrase, pepper, verifier.salt, cost);
    return to_text(verifier);
}

bool verify_password(const Secret& passphrase, const Secret& pepper, const std::string& verifier) {
    const auto stored = parsed_or_fault(verifier);
    const auto shown = keyed(passphrase, pepper, stored.salt, stored.cost);
    return constant_time_equal(BytesView(shown), BytesView(stored.mac));
}

bool needs_rehash(const std::string& verifier, const PasswordCost& cost) {
    const auto stored = parsed_or_fault(verifier);
    return stored.cost.memory_bytes < cost.memory_bytes || stored.cost.passes < cost.passes;
}

}  // namespace sallyport::crypto
