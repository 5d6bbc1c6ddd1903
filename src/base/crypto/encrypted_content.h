#pragma once
// Content encoding "aes128gcm" (RFC 8188), as far as Web Push uses it: one record, which is the
// last.

#include "base/core/bytes.h"
#include "base/crypto/secret.h"

#include <cstddef>

namespace sallyport::crypto {

inline constexpr std::size_t content_salt_size = 16;
inline constexpr std::size_t content_key_id_max = 255;
// What fits one record of 4,096 bytes beside the tag and the delimiter.
inline constexpr std::size_t content_plain_max = 4096 - 16 - 1;

// Header and record (§2.1). `key` is the input keying material, `key_id` tells the reader which it
// is. The salt is never used twice under one key. Other sizes than those above are a fault.
[[nodiscard]] Bytes encrypt_content(
    const Secret& key, BytesView salt, BytesView key_id, BytesView plain
);

}  // namespace sallyport::crypto
