#include "domain/authn/breach_list_builder.h"

#include "domain/authn/binary_fuse.h"

#include <utility>

namespace sallyport::authn {

namespace {

// Larger shards would be a little smaller in all (2.25 bytes an entry at a million), but every
// question reads and verifies one.
constexpr std::uint64_t entries_aimed_at = std::uint64_t{1} << 16;

Bytes bytes_of(const std::vector<std::uint16_t>& cells) {
    ByteWriter out;
    for (const auto cell : cells) {
        out.u16(cell);
    }
    return std::move(out).take();
}

}  // namespace

unsigned breach_shard_bits_for(std::uint64_t entries) noexcept {
    unsigned bits = 0;
    while (bits < breach_shard_bits_max && (entries >> bits) > entries_aimed_at) {
        ++bits;
    }
    return bits;
}

BreachListBuilder::BreachListBuilder(BreachListFacts planned, WriteAt write)
    : facts_(std::move(planned)),
      write_(std::move(write)),
      place_(breach_header_size + facts_.shards() * breach_shard_line_size) {
    facts_.entries = 0;
    shards_.reserve(facts_.shards());
}

Result<void> BreachListBuilder::add(std::uint64_t key) {
    if (key < last_) {
        return refuse(Refusal::invalid, "breach_list.unsorted", "its hash is below the one before");
    }
    write_shards_before(facts_.shard_bits == 0 ? 0 : key >> (64U - facts_.shard_bits));
    if (key == last_ && !keys_.empty()) return {};
    if (keys_.size() == fuse_keys_max) {
        return refuse(
            Refusal::invalid,
            "breach_list.uneven",
            "too many hashes begin alike for a whole list of this size"
        );
    }
    keys_.push_back(key);
    last_ = key;
    return {};
}

BreachListFacts BreachListBuilder::finish() {
    write_shards_before(facts_.shards());
    const auto table = encode_breach_table(shards_);
    facts_.table_digest = crypto::sha256(table);
    write_(breach_header_size, table);
    // Without its header the file is none: what was cut off here is never taken for a list.
    write_(0, encode_breach_header(facts_));
    return facts_;
}

void BreachListBuilder::write_shards_before(std::uint64_t shard) {
    while (shards_.size() < shard) {
        write_shard();
    }
}

void BreachListBuilder::write_shard() {
    const auto filter = build_fuse_filter(keys_);
    const auto bytes = bytes_of(filter.cells);
    shards_.push_back({
        .entries = static_cast<std::uint32_t>(keys_.size()),
        .seed = filter.seed,
        .shape = filter.shape,
        .digest = digest_of_shard(bytes),
    });
    write_(place_, bytes);
    place_ += bytes.size();
    facts_.entries += keys_.size();
    keys_.clear();
}

}  // namespace sallyport::authn
