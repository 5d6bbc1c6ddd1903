#include "domain/recording/segment_format.h"

#include "domain/recording/crc32c.h"

#include <algorithm>

namespace sallyport::recording {
namespace {

constexpr std::string_view segment_magic = "SPSEGM1\n";
constexpr std::string_view index_magic = "SPINDX1\n";
constexpr std::size_t index_entry_size = 24;
constexpr std::size_t index_entries_max = 1U << 20U;
constexpr std::size_t read_size = 256U << 10U;
static_assert(read_size >= 2 * record_size_max);

}  // namespace

Bytes encode_segment_header(const SegmentHeader& header) {
    ByteWriter out;
    out.put(as_bytes(segment_magic));
    out.u32(header.number);
    out.put(header.connection.bytes());
    out.u32(crc32c(out.bytes()));
    return std::move(out).take();
}

Result<SegmentHeader> decode_segment_header(BytesView bytes) {
    if (bytes.size() < segment_header_size) return refuse(Refusal::invalid, "segment.malformed");
    ByteReader in(bytes);
    SP_TRY(const auto magic, in.take(segment_magic.size()));
    SP_TRY(const auto number, in.u32());
    SP_TRY(const auto id, in.take(sizeof(IdBytes)));
    SP_TRY(const auto crc, in.u32());
    if (as_text(magic) != segment_magic || crc != crc32c(bytes.first(segment_header_size - 4))) {
        return refuse(Refusal::invalid, "segment.malformed");
    }
    IdBytes id_bytes{};
    std::ranges::copy(id, id_bytes.begin());
    return SegmentHeader{number, ConnectionId::from_bytes(id_bytes)};
}

Bytes encode_index(const std::vector<IndexEntry>& entries) {
    ByteWriter out;
    out.put(as_bytes(index_magic));
    for (const auto& entry : entries) {
        out.u64(entry.sequence);
        out.u64(static_cast<std::uint64_t>(to_micros(entry.at)));
        out.u64(entry.offset);
    }
    out.u32(crc32c(out.bytes()));
    return std::move(out).take();
}

Result<std::vector<IndexEntry>> decode_index(BytesView bytes) {
    constexpr auto frame = index_magic.size() + 4;
    if (bytes.size() < frame || (bytes.size() - frame) % index_entry_size != 0 ||
        (bytes.size() - frame) / index_entry_size > index_entries_max) {
        return refuse(Refusal::invalid, "segment.malformed");
    }
    ByteReader tail(bytes.last(4));
    SP_TRY(const auto crc, tail.u32());
    ByteReader in(bytes.first(bytes.size() - 4));
    SP_TRY(const auto magic, in.take(index_magic.size()));
    if (as_text(magic) != index_magic || crc != crc32c(bytes.first(bytes.size() - 4))) {
        return refuse(Refusal::invalid, "segment.malformed");
    }
    std::vector<IndexEntry> entries;
    while (in.left() > 0) {
        SP_TRY(const auto sequence, in.u64());
        SP_TRY(const auto at, in.u64());
        SP_TRY(const auto offset, in.u64());
        entries.push_back({sequence, from_micros(static_cast<std::int64_t>(at)), offset});
    }
    return entries;
}

Result<std::optional<Record>> RecordScanner::next() {
    auto record = decode_record(BytesView(buffer_).subspan(used_));
    if (!record && record.error().reason == "record.truncated") {
        fill();
        if (buffer_.size() == used_) return std::nullopt;
        record = decode_record(BytesView(buffer_).subspan(used_));
    }
    if (!record) return std::unexpected(std::move(record).error());
    used_ += record->whole.size();
    offset_ += record->whole.size();
    return *record;
}

void RecordScanner::fill() {
    const auto left = buffer_.size() - used_;
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(used_), buffer_.end(), buffer_.begin());
    buffer_.resize(read_size);
    used_ = 0;
    const auto got = file_.read_at(offset_ + left, std::span(buffer_).subspan(left));
    buffer_.resize(left + got);
}

}  // namespace sallyport::recording
