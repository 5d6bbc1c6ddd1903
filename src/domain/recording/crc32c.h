#pragma once
// CRC-32C (Castagnoli; RFC 3720 appendix B.4): finds accidents in records and batches. It proves
// nothing against a hand that means harm; the AEAD under it does.

#include "base/core/bytes.h"

#include <cstdint>

namespace sallyport::recording {

// `before` is the value over what went before, for bytes that come in pieces.
[[nodiscard]] std::uint32_t crc32c(BytesView bytes, std::uint32_t before = 0) noexcept;
// The same without the processor's instruction; for machines without it, and for its test.
[[nodiscard]] std::uint32_t crc32c_by_table(BytesView bytes, std::uint32_t before = 0) noexcept;

}  // namespace sallyport::recording
