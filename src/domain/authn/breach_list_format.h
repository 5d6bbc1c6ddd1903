#pragma once
// The breach list's file, version 1 (docs/protocols/breach-list.md): a header, a table with a line
// for each shard, the shards. Pure: bytes in, values out.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/core/time.h"
#include "base/crypto/crypto.h"
#include "domain/authn/binary_fuse.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sallyport::authn {

inline constexpr std::size_t breach_header_size = 512;
inline constexpr std::size_t breach_shard_line_size = 32;
inline constexpr std::size_t breach_source_size_max = 255;  // bytes
inline constexpr unsigned breach_shard_bits_max = 16;

// What the header says.
struct BreachListFacts {
    unsigned shard_bits = 0;  // of a hash, from the front, choose its shard
    std::uint64_t entries = 0;
    std::uint64_t count_min = 1;  // hashes seen less often were left out
    Time made_at{};
    std::string source{};  // the name of the file that it was made from
    crypto::Sha256Digest table_digest{};

    [[nodiscard]] std::size_t shards() const noexcept { return std::size_t{1} << shard_bits; }

    friend bool operator==(const BreachListFacts&, const BreachListFacts&) = default;
};

// A line of the table.
struct BreachShard {
    std::uint32_t entries = 0;
    std::uint32_t seed = 0;
    FuseShape shape;
    std::array<std::byte, 16> digest{};  // of the shard's bytes: SHA-256, its first half

    [[nodiscard]] std::uint64_t size() const noexcept { return shape.cells() * 2; }

    friend bool operator==(const BreachShard&, const BreachShard&) = default;
};

[[nodiscard]] Bytes encode_breach_header(const BreachListFacts& facts);
[[nodiscard]] Bytes encode_breach_table(const std::vector<BreachShard>& shards);
[[nodiscard]] std::array<std::byte, 16> digest_of_shard(BytesView bytes);

// Both refuse invalid "breach_list.not_one" (no such file at all), "breach_list.newer" (another
// version), "breach_list.damaged"; the detail says which part.
[[nodiscard]] Result<BreachListFacts> decode_breach_header(BytesView bytes);
[[nodiscard]] Result<std::vector<BreachShard>> decode_breach_table(
    BytesView bytes, const BreachListFacts& facts
);

}  // namespace sallyport::authn
