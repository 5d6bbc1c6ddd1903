#include "domain/authn/breach_list_format.h"

#include "base/core/fault.h"
#include "base/core/utf8.h"

#include <algorithm>
#include <utility>

namespace sallyport::authn {

namespace {

constexpr std::string_view magic = "SPBREACH";
constexpr std::uint16_t version = 1;
constexpr std::size_t digest_size = 32;
constexpr std::size_t header_part = breach_header_size - digest_size;  // what its digest is of

std::unexpected<Refusal> damaged(std::string what) {
    return refuse(Refusal::invalid, "breach_list.damaged", std::move(what));
}

Result<crypto::Sha256Digest> read_digest(ByteReader& in) {
    SP_TRY(const auto bytes, in.take(digest_size));
    crypto::Sha256Digest digest;
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

Result<BreachListFacts> read_facts(ByteReader& in) {
    BreachListFacts facts;
    SP_TRY(facts.shard_bits, in.u8());
    SP_TRY(facts.entries, in.u64());
    SP_TRY(facts.count_min, in.u64());
    SP_TRY(const auto made_at, in.u64());
    facts.made_at = from_micros(static_cast<std::int64_t>(made_at));
    SP_TRY(facts.table_digest, read_digest(in));
    SP_TRY(const auto size, in.u8());
    SP_TRY(const auto source, in.take(size));
    facts.source = as_text(source);
    return facts;
}

Result<BreachShard> read_shard(ByteReader& in) {
    BreachShard shard;
    SP_TRY(shard.entries, in.u32());
    SP_TRY(shard.seed, in.u32());
    SP_TRY(shard.shape.segment_size, in.u32());
    SP_TRY(shard.shape.segment_count, in.u32());
    SP_TRY(const auto digest, in.take(shard.digest.size()));
    std::ranges::copy(digest, shard.digest.begin());
    return shard;
}

bool is_possible(const BreachShard& shard) {
    const bool empty = shard.shape.segment_count == 0;
    return is_fuse_shape(shard.shape) && shard.entries <= fuse_keys_max &&
           (shard.entries == 0) == empty && shard.entries <= shard.shape.cells();
}

}  // namespace

Bytes encode_breach_header(const BreachListFacts& facts) {
    if (facts.source.size() > breach_source_size_max) throw Fault("a breach list's name is long");
    ByteWriter out;
    out.put(as_bytes(magic));
    out.u16(version);
    out.u8(static_cast<std::uint8_t>(facts.shard_bits));
    out.u64(facts.entries);
    out.u64(facts.count_min);
    out.u64(static_cast<std::uint64_t>(to_micros(facts.made_at)));
    out.put(facts.table_digest);
    out.u8(static_cast<std::uint8_t>(facts.source.size()));
    out.put(as_bytes(facts.source));
    auto bytes = std::move(out).take();
    bytes.resize(header_part);
    const auto digest = crypto::sha256(bytes);
    bytes.insert(bytes.end(), digest.begin(), digest.end());
    return bytes;
}

Bytes encode_breach_table(const std::vector<BreachShard>& shards) {
    ByteWriter out;
    for (const auto& shard : shards) {
        out.u32(shard.entries);
        out.u32(shard.seed);
        out.u32(shard.shape.segment_size);
        out.u32(shard.shape.segment_count);
        out.put(shard.digest);
    }
    return std::move(out).take();
}

std::array<std::byte, 16> digest_of_shard(BytesView bytes) {
    const auto whole = crypto::sha256(bytes);
    std::array<std::byte, 16> half;
    std::copy_n(whole.begin(), half.size(), half.begin());
    return half;
}

Result<BreachListFacts> decode_breach_header(BytesView bytes) {
    ByteReader in(bytes);
    const auto start = in.take(magic.size());
    if (!start || as_text(*start) != magic) {
        return refuse(Refusal::invalid, "breach_list.not_one", "it is no breach list");
    }
    const auto its_version = in.u16();
    if (its_version && *its_version != version) {
        return refuse(Refusal::invalid, "breach_list.newer", "it is of another version");
    }
    if (bytes.size() != breach_header_size) return damaged("the header is cut off");
    const auto digest = crypto::sha256(bytes.first(header_part));
    if (!std::ranges::equal(digest, bytes.subspan(header_part))) {
        return damaged("the header was changed");
    }
    auto facts = read_facts(in);
    if (!facts || facts->shard_bits > breach_shard_bits_max || !is_utf8(facts->source) ||
        encode_breach_header(*facts) != Bytes(bytes.begin(), bytes.end())) {
        return damaged("the header makes no sense");
    }
    return facts;
}

Result<std::vector<BreachShard>> decode_breach_table(
    BytesView bytes, const BreachListFacts& facts
) {
    if (bytes.size() != facts.shards() * breach_shard_line_size) {
        return damaged("the table is cut off");
    }
    if (crypto::sha256(bytes) != facts.table_digest) return damaged("the table was changed");
    ByteReader in(bytes);
    std::vector<BreachShard> shards;
    shards.reserve(facts.shards());
    std::uint64_t entries = 0;
    while (in.left() > 0) {
        const auto shard = read_shard(in);
        if (!shard || !is_possible(*shard)) return damaged("the table makes no sense");
        entries += shard->entries;
        shards.push_back(*shard);
    }
    if (entries != facts.entries) return damaged("header and table tell different sizes");
    return shards;
}

}  // namespace sallyport::authn
