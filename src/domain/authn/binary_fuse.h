#pragma once
// Binary fuse filters (Graf and Lemire, "Binary Fuse Filters: Fast and Smaller Than Xor Filters",
// 2022), with three cells a key and 16-bit fingerprints: a set of keys in about 2.4 bytes a key
// that never denies one of them, and takes one in 65,536 others for one.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sallyport::authn {

inline constexpr std::size_t fuse_keys_max = std::size_t{1} << 20;  // in one filter
inline constexpr std::uint32_t fuse_segment_size_max = 1U << 13;
inline constexpr std::uint32_t fuse_segment_count_max = 1U << 10;

// How the cells are laid out: a key's first is in one of `segment_count` segments, its second and
// third in the two after that. No segments: the filter is empty.
struct FuseShape {
    std::uint32_t segment_size = 0;  // a power of two
    std::uint32_t segment_count = 0;

    [[nodiscard]] std::size_t cells() const noexcept {
        return segment_count == 0 ? 0 : std::size_t{segment_count + 2} * segment_size;
    }

    friend bool operator==(const FuseShape&, const FuseShape&) = default;
};

// For so many keys, as the paper found to work.
[[nodiscard]] FuseShape fuse_shape_for(std::size_t keys);
// Whether a filter can have it: within the limits above, a power of two.
[[nodiscard]] bool is_fuse_shape(const FuseShape& shape) noexcept;

struct FuseProbe {
    std::array<std::uint32_t, 3> cells;  // each below shape.cells()
    std::uint16_t fingerprint;
};

// The key is in the filter if its cells, XORed, are its fingerprint. The shape is a possible one
// and not empty.
[[nodiscard]] FuseProbe fuse_probe(
    const FuseShape& shape, std::uint32_t seed, std::uint64_t key
) noexcept;

struct FuseFilter {
    FuseShape shape;
    std::uint32_t seed = 0;
    std::vector<std::uint16_t> cells;

    [[nodiscard]] bool contains(std::uint64_t key) const noexcept;
};

// At most fuse_keys_max different keys, else a fault. The same keys give the same filter.
[[nodiscard]] FuseFilter build_fuse_filter(std::span<const std::uint64_t> keys);

}  // namespace sallyport::authn
