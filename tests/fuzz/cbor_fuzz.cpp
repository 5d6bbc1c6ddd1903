// Whatever comes as CBOR: what is accepted stays within the bounds, and every view within the
// input.
#include "base/crypto/cbor.h"

#include <cstdint>
#include <cstdlib>

namespace {

using sallyport::BytesView;
using sallyport::crypto::CborValue;

std::size_t items_in(const CborValue& value, BytesView input, std::size_t depth) {
    if (depth > 5) std::abort();
    const auto inside = [&](BytesView part) {
        return part.empty() || (part.data() >= input.data() &&
                                part.data() + part.size() <= input.data() + input.size());
    };
    if (const auto bytes = value.bytes(); bytes && !inside(*bytes)) std::abort();
    if (const auto text = value.text(); text && !inside(sallyport::as_bytes(*text))) std::abort();
    std::size_t count = 1 + value.keys().size();
    if (value.is_map() && value.keys().size() != value.items().size()) std::abort();
    for (const auto& key : value.keys()) {
        if (value.find(key) == nullptr) std::abort();
    }
    for (const auto& item : value.items()) {
        count += items_in(item, input, depth + 1);
    }
    return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const auto input = as_bytes({reinterpret_cast<const char*>(data), size});
    const crypto::CborLimits limits{.size_max = 4096, .depth_max = 4, .items_max = 64};
    const auto front = crypto::parse_cbor_front(input, limits);
    const auto whole = crypto::parse_cbor(input, limits);
    if (whole.has_value() != (front.has_value() && front->size == size)) std::abort();
    if (!front) return 0;
    if (front->size > size || size > limits.size_max) std::abort();
    if (items_in(front->value, input, 0) > limits.items_max) std::abort();
    return 0;
}
