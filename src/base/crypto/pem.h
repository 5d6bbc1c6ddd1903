#pragma once
// PEM (RFC 7468) taken apart, strictly: no headers inside a block, Base64 of one spelling.

#include "base/core/bytes.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace sallyport::crypto {

struct PemLimits {
    std::size_t text_size_max;   // bytes of the whole text
    std::size_t blocks_max = 1;  // blocks of the wanted label
};

// The contents of the blocks with `label` ("CERTIFICATE"), in their order; at least one. Text
// between blocks is skipped, as tools write remarks there; a block with another label is skipped
// too. Refuses invalid "pem.too_large", "pem.too_many", "pem.malformed", "pem.empty".
[[nodiscard]] Result<std::vector<Bytes>> pem_blocks(
    std::string_view text, std::string_view label, const PemLimits& limits
);

}  // namespace sallyport::crypto
