// Entry bundles and hash tiles: what parses is, put together again, the same bytes.

#include "domain/audit/tiles.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace sallyport;
using namespace sallyport::audit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = std::as_bytes(std::span(data, size));
    if (const auto entries = parse_entries(input)) {
        Bytes again;
        for (const auto& entry : *entries) {
            append_entry(again, entry);
        }
        if (!std::ranges::equal(again, input)) std::abort();
    }
    if (const auto tile = parse_tile(input); tile && tile->size() * 32 != size) std::abort();
    return 0;
}
