// One passphrase check after another at a given cost, on one thread, and nothing beside it: a line
// each, milliseconds on the wall and of CPU. For bench/ward.
//
//   bare_hash MEMORY_BYTES PASSES COUNT
#include "bench/verdict.h"

#include "base/crypto/password_hash.h"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    using namespace sallyport;
    if (argc != 4) {
        std::fputs("bare_hash MEMORY_BYTES PASSES COUNT\n", stderr);
        return 2;
    }
    const crypto::PasswordCost cost{
        .memory_bytes = std::strtoull(argv[1], nullptr, 10),
        .passes = std::strtoull(argv[2], nullptr, 10),
    };
    const auto count = std::strtoul(argv[3], nullptr, 10);
    const auto passphrase = crypto::Secret::random(16);
    const auto pepper = crypto::Secret::random(32);
    const auto verifier = crypto::hash_password(passphrase, pepper, cost);
    for (unsigned long i = 0; i < count; ++i) {
        const bench::Stopwatch wall(CLOCK_MONOTONIC);
        const bench::Stopwatch cpu(CLOCK_PROCESS_CPUTIME_ID);
        if (!crypto::verify_password(passphrase, pepper, verifier)) std::abort();
        std::printf("%.3f %.3f\n", wall.seconds() * 1e3, cpu.seconds() * 1e3);
    }
    return 0;
}
