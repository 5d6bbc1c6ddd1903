// Stored password verifiers: one spelling per value, and costs within bounds.

#include "base/crypto/password_verifier.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace sallyport::crypto;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto verifier = parse_password_verifier(text);
    if (!verifier) return 0;
    const bool bounded = verifier->cost.memory_bytes >= PasswordCost{}.memory_bytes &&
                         verifier->cost.memory_bytes <= PasswordVerifier::memory_bytes_max &&
                         verifier->cost.passes >= PasswordCost{}.passes &&
                         verifier->cost.passes <= PasswordVerifier::passes_max;
    if (!bounded || to_text(*verifier) != text) std::abort();
    return 0;
}
