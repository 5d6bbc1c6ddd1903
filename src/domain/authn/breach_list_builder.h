#pragma once
// Writes a breach list from hashes in ascending order, one shard at a time: what it needs of memory
// is a shard's, however long the list.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "domain/authn/breach_list_format.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace sallyport::authn {

// Into a new file; all of it, or a fault.
using WriteAt = std::function<void(std::uint64_t offset, BytesView bytes)>;

// How many bits to shard by so that a shard gets at most 65,536 of so many entries, if they are
// spread evenly, as hashes are.
[[nodiscard]] unsigned breach_shard_bits_for(std::uint64_t entries) noexcept;

class BreachListBuilder {
public:
    // `planned` has all but entries and table_digest.
    BreachListBuilder(BreachListFacts planned, WriteAt write);

    // The first 64 bits of a hash; not below the one before, and the same again counts once.
    // Refuses invalid "breach_list.unsorted", and "breach_list.uneven": more than fuse_keys_max in
    // one shard, so that this is no whole list.
    [[nodiscard]] Result<void> add(std::uint64_t key);

    // Writes what is left, the table and, last, the header. Once.
    [[nodiscard]] BreachListFacts finish();

private:
    void write_shard();
    void write_shards_before(std::uint64_t shard);

    BreachListFacts facts_;
    WriteAt write_;
    std::vector<BreachShard> shards_;  // done
    std::vector<std::uint64_t> keys_;  // of the shard that is being filled
    std::uint64_t last_ = 0;
    std::uint64_t place_;  // where the next shard goes
};

}  // namespace sallyport::authn
