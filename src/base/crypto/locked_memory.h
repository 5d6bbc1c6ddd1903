#pragma once
// Where Secrets live: pages that are not swapped out, not written into core dumps, and fenced by
// pages that nobody may touch. Inside base/crypto, except for the numbers.

#include <cstddef>

namespace sallyport::crypto {

// How much is held for secrets. Locking has a limit (RLIMIT_MEMLOCK); what goes beyond it works as
// well, but may reach the swap, so that the server warns at its start.
struct LockedMemory {
    std::size_t locked_bytes;
    std::size_t unlocked_bytes;
};

[[nodiscard]] LockedMemory locked_memory() noexcept;

// Zeros. Thread-safe. Throws std::bad_alloc. Size 0 gives null.
[[nodiscard]] std::byte* allocate_locked(std::size_t size);
// Wipes it and takes it back; `size` as it was asked for.
void release_locked(std::byte* bytes, std::size_t size) noexcept;

}  // namespace sallyport::crypto
