#pragma once
// The little Unicode that passphrases need, over utf8proc, in memory that is wiped.

#include "base/core/result.h"
#include "base/crypto/secret.h"

#include <cstddef>

namespace sallyport::authn {

enum class Fold : std::uint8_t { none, case_folded };

// Normalization Form C, and case folding if asked for. Refuses invalid "passphrase.malformed" (not
// UTF-8). `text` is at most 4 KiB, else a fault.
[[nodiscard]] Result<crypto::Secret> nfc(const crypto::Secret& text, Fold fold);

// Code points of well-formed UTF-8.
[[nodiscard]] std::size_t character_count(const crypto::Secret& utf8);

}  // namespace sallyport::authn
