#include "domain/authn/binary_fuse.h"

#include "base/core/fault.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

namespace sallyport::authn {

namespace {

// A seed fails about once in a few hundred times; so many in a row mean that keys are repeated.
constexpr std::uint32_t seeds_max = 100;

// The finaliser of MurmurHash3: every bit of the result depends on every bit of what goes in.
std::uint64_t mix(std::uint64_t value) noexcept {
    value ^= value >> 33U;
    value *= 0xff51afd7ed558ccdU;
    value ^= value >> 33U;
    value *= 0xc4ceb9fe1a85ec53U;
    return value ^ (value >> 33U);
}

// Of one cell, while keys are taken out: how many still use it, and their XOR, which is the key
// itself once there is one.
struct Users {
    std::uint64_t keys = 0;
    std::uint32_t count = 0;
};

struct Freed {
    std::uint64_t key;
    std::uint32_t cell;  // that no key before it uses
};

// The keys in an order in which each has a cell of its own when those after it are gone; none if
// this seed gives no such order.
class Peeling {
public:
    Peeling(const FuseShape& shape, std::uint32_t seed, std::span<const std::uint64_t> keys)
        : shape_(shape), seed_(seed), users_(shape.cells()) {
        for (const auto key : keys) {
            for (const auto cell : fuse_probe(shape, seed, key).cells) {
                users_[cell].keys ^= key;
                ++users_[cell].count;
            }
        }
        freed_.reserve(keys.size());
    }

    [[nodiscard]] std::span<const Freed> run() {
        for (std::uint32_t cell = 0; cell < users_.size(); ++cell) {
            free_from(cell);
        }
        return freed_;
    }

private:
    // As long as one key's going leaves another cell with one key, that one goes next.
    void free_from(std::uint32_t start) {
        waiting_.push_back(start);
        while (!waiting_.empty()) {
            const auto cell = waiting_.back();
            waiting_.pop_back();
            if (users_[cell].count != 1) continue;
            const auto key = users_[cell].keys;
            freed_.push_back({key, cell});
            for (const auto each : fuse_probe(shape_, seed_, key).cells) {
                users_[each].keys ^= key;
                if (--users_[each].count == 1) waiting_.push_back(each);
            }
        }
    }

    const FuseShape& shape_;
    std::uint32_t seed_;
    std::vector<Users> users_;
    std::vector<std::uint32_t> waiting_;
    std::vector<Freed> freed_;
};

std::optional<FuseFilter> try_seed(
    const FuseShape& shape, std::uint32_t seed, std::span<const std::uint64_t> keys
) {
    Peeling peeling(shape, seed, keys);
    const auto freed = peeling.run();
    if (freed.size() != keys.size()) return std::nullopt;
    FuseFilter filter{
        .shape = shape, .seed = seed, .cells = std::vector<std::uint16_t>(shape.cells())
    };
    // Backwards: what is written into a key's own cell disturbs no key that has been done.
    for (auto at = freed.rbegin(); at != freed.rend(); ++at) {
        const auto probe = fuse_probe(shape, seed, at->key);
        auto value = probe.fingerprint;
        for (const auto cell : probe.cells) {
            value ^= filter.cells[cell];
        }
        filter.cells[at->cell] = value;
    }
    return filter;
}

}  // namespace

FuseShape fuse_shape_for(std::size_t keys) {
    if (keys == 0) return {};
    // Both laws are the paper's, found by trying; below a handful of keys they say nothing.
    constexpr std::size_t keys_least = 4;
    const auto size = static_cast<double>(std::max(keys, keys_least));
    const auto exponent = std::floor(std::log(size) / std::log(3.33) + 2.25);
    const auto segment = std::min(1U << static_cast<unsigned>(exponent), fuse_segment_size_max);
    const auto factor = std::max(1.125, 0.875 + 0.25 * std::log(1e6) / std::log(size));
    const auto cells = static_cast<std::uint32_t>(std::round(size * factor));
    const auto segments = (cells + segment - 1) / segment;
    return {.segment_size = segment, .segment_count = segments > 3 ? segments - 2 : 1};
}

bool is_fuse_shape(const FuseShape& shape) noexcept {
    if (shape.segment_count == 0) return shape.segment_size == 0;
    return shape.segment_count <= fuse_segment_count_max &&
           std::has_single_bit(shape.segment_size) && shape.segment_size <= fuse_segment_size_max;
}

// Each part of the answer is made of bits of its own: 42 and up choose the first cell, 13 to 25 and
// 0 to 12 the places in the two segments after it, 26 to 41 are the fingerprint.
FuseProbe fuse_probe(const FuseShape& shape, std::uint32_t seed, std::uint64_t key) noexcept {
    const auto hash = mix(key + mix(seed + std::uint64_t{1}));
    const auto mask = shape.segment_size - 1;
    const auto firsts = std::uint64_t{shape.segment_count} * shape.segment_size;
    const auto first = static_cast<std::uint32_t>(((hash >> 32U) * firsts) >> 32U);
    const auto second =
        (first + shape.segment_size) ^ (static_cast<std::uint32_t>(hash >> 13U) & mask);
    const auto third = (first + 2 * shape.segment_size) ^ (static_cast<std::uint32_t>(hash) & mask);
    return {
        .cells = {first, second, third}, .fingerprint = static_cast<std::uint16_t>(hash >> 26U)
    };
}

bool FuseFilter::contains(std::uint64_t key) const noexcept {
    if (cells.empty()) return false;
    const auto probe = fuse_probe(shape, seed, key);
    const auto [a, b, c] = probe.cells;
    return (cells[a] ^ cells[b] ^ cells[c]) == probe.fingerprint;
}

FuseFilter build_fuse_filter(std::span<const std::uint64_t> keys) {
    if (keys.size() > fuse_keys_max) throw Fault("too many keys for one filter");
    const auto shape = fuse_shape_for(keys.size());
    for (std::uint32_t seed = 0; seed < seeds_max; ++seed) {
        if (auto filter = try_seed(shape, seed, keys)) return *std::move(filter);
    }
    throw Fault("no filter can be made of these keys; is one there twice?");
}

}  // namespace sallyport::authn
