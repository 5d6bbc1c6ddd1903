// Whatever is given as PEM: it is refused, or its blocks keep the bounds and written again read the
// same.
#include "base/crypto/pem.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    constexpr crypto::PemLimits limits{.text_size_max = 100'000, .blocks_max = 4};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto blocks = crypto::pem_blocks(text, "THING", limits);
    if (!blocks) return 0;
    if (blocks->empty() || blocks->size() > limits.blocks_max) std::abort();
    std::string written;
    for (const auto& block : *blocks) {
        if (block.empty()) std::abort();
        written += "-----BEGIN THING-----\n" + to_base64(block) + "\n-----END THING-----\n";
    }
    const auto again =
        crypto::pem_blocks(written, "THING", {.text_size_max = written.size(), .blocks_max = 4});
    if (!again || *again != *blocks) std::abort();
    return 0;
}
