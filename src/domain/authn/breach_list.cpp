#include "domain/authn/breach_list.h"

#include "base/core/fault.h"
#include "base/crypto/crypto.h"

#include <fmt/format.h>

#include <utility>

namespace sallyport::authn {

namespace {

// A cell of a shard's bytes.
std::uint16_t cell_at(BytesView shard, std::uint32_t cell) {
    const auto at = std::size_t{cell} * 2;
    const auto high = std::to_integer<unsigned>(shard[at]);
    return static_cast<std::uint16_t>((high << 8U) | std::to_integer<unsigned>(shard[at + 1]));
}

Result<Bytes> read_part(const ReadAt& read, std::uint64_t offset, std::size_t size) {
    Bytes bytes(size);
    if (read(offset, bytes) != size) {
        return refuse(Refusal::invalid, "breach_list.damaged", "it is cut off");
    }
    return bytes;
}

}  // namespace

BreachList::BreachList(
    std::string name, ReadAt read, BreachListFacts facts, std::vector<BreachShard> shards
)
    : name_(std::move(name)),
      read_(std::move(read)),
      facts_(std::move(facts)),
      shards_(std::move(shards)) {
    std::uint64_t place = breach_header_size + shards_.size() * breach_shard_line_size;
    places_.reserve(shards_.size() + 1);
    for (const auto& shard : shards_) {
        places_.push_back(place);
        place += shard.size();
    }
    places_.push_back(place);
}

Result<BreachList> BreachList::open(std::string name, ReadAt read, std::uint64_t size) {
    Bytes header(breach_header_size);
    header.resize(read(0, header));
    SP_TRY(auto facts, decode_breach_header(header));
    const auto table_size = facts.shards() * breach_shard_line_size;
    SP_TRY(const auto table, read_part(read, breach_header_size, table_size));
    SP_TRY(auto shards, decode_breach_table(table, facts));
    BreachList list(std::move(name), std::move(read), std::move(facts), std::move(shards));
    if (size != list.size()) {
        auto what = fmt::format("it has {} bytes in place of {}", size, list.size());
        return refuse(Refusal::invalid, "breach_list.damaged", std::move(what));
    }
    return list;
}

Result<Bytes> BreachList::read_shard(std::size_t index) const {
    const auto size = static_cast<std::size_t>(shards_[index].size());
    SP_TRY(auto bytes, read_part(read_, places_[index], size));
    if (digest_of_shard(bytes) != shards_[index].digest) {
        auto what = fmt::format("shard {} was changed", index);
        return refuse(Refusal::invalid, "breach_list.damaged", std::move(what));
    }
    return bytes;
}

Result<void> BreachList::verify() const {
    for (std::size_t index = 0; index < shards_.size(); ++index) {
        SP_CHECK(read_shard(index));
    }
    return {};
}

bool BreachList::contains(const crypto::Secret& normalised) const {
    const auto digest = crypto::sha1(normalised);
    return contains(ByteReader(digest.expose()).u64().value());
}

bool BreachList::contains(std::uint64_t key) const {
    // All 64 bits shifted away are zero, and a shift by 64 is not defined.
    const auto index = facts_.shard_bits == 0 ? 0 : key >> (64U - facts_.shard_bits);
    const auto& shard = shards_[index];
    if (shard.entries == 0) return false;
    const auto bytes = read_shard(index);
    if (!bytes) {
        throw Fault(fmt::format("breach list {} is damaged: {}", name_, bytes.error().detail));
    }
    const auto probe = fuse_probe(shard.shape, shard.seed, key);
    const auto [a, b, c] = probe.cells;
    return (cell_at(*bytes, a) ^ cell_at(*bytes, b) ^ cell_at(*bytes, c)) == probe.fingerprint;
}

}  // namespace sallyport::authn
