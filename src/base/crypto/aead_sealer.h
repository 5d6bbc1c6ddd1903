#pragma once
// AES-256-GCM for several texts in a row under one key: the key's schedule, which costs more than
// sealing a short text, is made once. It is wiped with the object, so an object lives for one piece
// of work, not for as long as the key.

#include "base/core/bytes.h"
#include "base/crypto/secret.h"

#include <cstddef>
#include <memory>
#include <span>

namespace sallyport::crypto {

inline constexpr std::size_t aead_tag_size = 16;

// Not thread-safe.
class AeadSealer {
public:
    // A key of 32 bytes; anything else is a fault.
    explicit AeadSealer(const Secret& key);
    ~AeadSealer();
    AeadSealer(const AeadSealer&) = delete;
    AeadSealer& operator=(const AeadSealer&) = delete;
    AeadSealer(AeadSealer&&) = delete;
    AeadSealer& operator=(AeadSealer&&) = delete;

    // What aead_seal_at() gives, in place: `text` is the plain text and, behind it, room for the
    // tag. The nonce has 12 bytes and is never used twice under one key.
    void seal_in_place(BytesView nonce, BytesView bound_to, std::span<std::byte> text);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::crypto
