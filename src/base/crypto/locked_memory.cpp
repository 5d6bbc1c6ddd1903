#include "base/crypto/locked_memory.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <mutex>
#include <new>
#include <vector>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(address, size) static_cast<void>(0)    // NOLINT
#define ASAN_UNPOISON_MEMORY_REGION(address, size) static_cast<void>(0)  // NOLINT
#endif

namespace sallyport::crypto {
namespace {

constexpr std::size_t block_size_min = 32;
constexpr std::size_t block_size_max = 4096;
constexpr std::size_t slab_size = std::size_t{32} << 10;
constexpr std::size_t class_count =
    std::bit_width(block_size_max) - std::bit_width(block_size_min) + 1;

std::size_t page_size() {
    static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return size;
}

std::size_t whole_pages(std::size_t size) {
    if (size > std::size_t{1} << 40) throw std::bad_alloc();
    return (size + page_size() - 1) / page_size() * page_size();
}

// A page at either end stays forbidden, so that an overrun ends the process and not the secrecy.
std::byte* map_fenced(std::size_t size) {
    const std::size_t fence = page_size();
    void* const whole =
        ::mmap(nullptr, size + 2 * fence, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (whole == MAP_FAILED) throw std::bad_alloc();
    auto* const inside = static_cast<std::byte*>(whole) + fence;
    if (::mprotect(inside, size, PROT_READ | PROT_WRITE) != 0) {
        ::munmap(whole, size + 2 * fence);
        throw std::bad_alloc();
    }
    static_cast<void>(::madvise(inside, size, MADV_DONTDUMP));
    return inside;
}

void unmap_fenced(std::byte* inside, std::size_t size) noexcept {
    const std::size_t fence = page_size();
    ::munmap(inside - fence, size + 2 * fence);
}

// Blocks of powers of two, cut from slabs. Slabs are kept: secrets come and go with requests.
class Arena {
public:
    std::byte* allocate(std::size_t size) {
        if (size > block_size_max) return allocate_large(whole_pages(size));
        const std::lock_guard lock(mutex_);
        auto& blocks = free_[class_of(size)];
        if (blocks.free.empty()) add_slab(blocks, block_size(class_of(size)));
        std::byte* const block = blocks.free.back();
        blocks.free.pop_back();
        ASAN_UNPOISON_MEMORY_REGION(block, size);
        return block;
    }

    void release(std::byte* block, std::size_t size) noexcept {
        OPENSSL_cleanse(block, size);
        if (size > block_size_max) return release_large(block, whole_pages(size));
        const std::lock_guard lock(mutex_);
        ASAN_POISON_MEMORY_REGION(block, size);
        free_[class_of(size)].free.push_back(block);  // room was reserved with the slab
    }

    LockedMemory held() noexcept {
        const std::lock_guard lock(mutex_);
        return held_;
    }

private:
    struct Blocks {
        std::vector<std::byte*> free;
        std::size_t count = 0;
    };

    static std::size_t block_size(std::size_t index) { return block_size_min << index; }

    static std::size_t class_of(std::size_t size) {
        if (size <= block_size_min) return 0;
        return static_cast<std::size_t>(
            std::bit_width(size - 1) - std::bit_width(block_size_min - 1)
        );
    }

    void add_slab(Blocks& blocks, std::size_t size) {
        const std::size_t count = slab_size / size;
        blocks.free.reserve(blocks.count + count);
        std::byte* const slab = map_fenced(slab_size);
        (lock(slab, slab_size) ? held_.locked_bytes : held_.unlocked_bytes) += slab_size;
        ASAN_POISON_MEMORY_REGION(slab, slab_size);
        for (std::size_t i = count; i-- > 0;) {
            blocks.free.push_back(slab + i * size);
        }
        blocks.count += count;
    }

    // Locking is asked for, not relied on. By mlock2, since AddressSanitizer makes mlock do nothing
    // and say that it did.
    static bool lock(std::byte* bytes, std::size_t size) { return ::mlock2(bytes, size, 0) == 0; }

    std::byte* allocate_large(std::size_t size) {
        std::byte* const bytes = map_fenced(size);
        const bool locked = lock(bytes, size);
        const std::lock_guard guard(mutex_);
        if (!locked) unlocked_large_.push_back(bytes);
        (locked ? held_.locked_bytes : held_.unlocked_bytes) += size;
        return bytes;
    }

    void release_large(std::byte* bytes, std::size_t size) noexcept {
        const std::lock_guard guard(mutex_);
        const bool was_unlocked = std::erase(unlocked_large_, bytes) > 0;
        (was_unlocked ? held_.unlocked_bytes : held_.locked_bytes) -= size;
        unmap_fenced(bytes, size);
    }

    std::mutex mutex_;
    std::array<Blocks, class_count> free_;
    LockedMemory held_{};
    std::vector<std::byte*> unlocked_large_;
};

// Never destroyed: a Secret in a static object may be the last to go.
Arena& arena() {
    static auto* const the_arena = new Arena;
    return *the_arena;
}

}  // namespace

LockedMemory locked_memory() noexcept {
    return arena().held();
}

std::byte* allocate_locked(std::size_t size) {
    return size == 0 ? nullptr : arena().allocate(size);
}

void release_locked(std::byte* bytes, std::size_t size) noexcept {
    if (bytes != nullptr) arena().release(bytes, size);
}

}  // namespace sallyport::crypto
