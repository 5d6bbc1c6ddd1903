#pragma once
// Segment files: a 32-byte header, then records back to back, as they stood in the journal. And
// their index: where to start reading for a time. docs/protocols/recording.md.

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/core/result.h"
#include "domain/recording/disk.h"
#include "domain/recording/record.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace sallyport::recording {

inline constexpr std::size_t segment_header_size = 32;

struct SegmentHeader {
    std::uint32_t number;
    ConnectionId connection;
};

[[nodiscard]] Bytes encode_segment_header(const SegmentHeader& header);
// Refuses invalid "segment.malformed".
[[nodiscard]] Result<SegmentHeader> decode_segment_header(BytesView bytes);

// One entry about every 64 KiB of a segment.
struct IndexEntry {
    std::uint64_t sequence = 0;
    Time at;
    std::uint64_t offset = 0;  // of the record in its segment
};

inline constexpr std::uint64_t index_distance = 64U << 10U;

[[nodiscard]] Bytes encode_index(const std::vector<IndexEntry>& entries);
// Refuses invalid "segment.malformed".
[[nodiscard]] Result<std::vector<IndexEntry>> decode_index(BytesView bytes);

// Reads records one after the other, holding no more than a few hundred KiB.
class RecordScanner {
public:
    RecordScanner(File& file, std::uint64_t offset) : file_(file), offset_(offset) {}

    // Where the next record begins; after a refusal, where the trouble is.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

    // None at the end of the file. The views are good until the next call. Refuses as
    // decode_record() does.
    [[nodiscard]] Result<std::optional<Record>> next();

private:
    void fill();

    File& file_;
    std::uint64_t offset_;
    Bytes buffer_;
    std::size_t used_ = 0;
};

}  // namespace sallyport::recording
