// Whatever is typed as a passphrase: normalised once is normalised for good, and the rules for new
// ones come to a verdict.
#include "domain/authn/passphrase.h"

#include "base/core/bytes.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const auto typed = crypto::Secret::make(size, [&](std::span<std::byte> out) {
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = static_cast<std::byte>(data[i]);
        }
    });
    const auto normalised = authn::normalised_passphrase(typed);
    if (!normalised) return 0;
    if (size > authn::passphrase_typed_bytes_max) std::abort();
    if (normalised->size() > authn::passphrase_bytes_max) std::abort();
    const auto again = authn::normalised_passphrase(*normalised);
    if (!again || !constant_time_equal(*again, *normalised)) std::abort();
    (void)authn::check_new_passphrase(
        *normalised, policy::Strength::one_factor, {"anna.admin", "Anna Ambergris", {}}
    );
    return 0;
}
