// Records, batches, segments, indexes and manifests from a disk that says anything.

#include "domain/recording/record.h"

#include "domain/recording/journal_format.h"
#include "domain/recording/manifest.h"
#include "domain/recording/segment_format.h"

#include <cstdint>
#include <cstdlib>

using namespace sallyport;
using namespace sallyport::recording;

namespace {

// What was read and is written again is what was read.
void require(bool holds) {
    if (!holds) std::abort();
}

void read_records(BytesView bytes) {
    while (!bytes.empty()) {
        const auto record = decode_record(bytes);
        if (!record) return;
        require(record->whole.size() <= record_size_max);
        require(std::ranges::equal(encode_record(record->head, record->body), record->whole));
        if (const auto body = decode_open_body(record->body)) {
            require(std::ranges::equal(encode_open_body(*body), record->body));
            (void)parse_info(body->info_json);
        }
        if (const auto body = decode_bulk_body(record->body)) {
            require(std::ranges::equal(encode_bulk_body(*body), record->body));
        }
        bytes = bytes.subspan(record->whole.size());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    if (size == 0) return 0;
    const auto rest = bytes.subspan(1);
    switch (data[0] % 6) {
        case 0:
            read_records(rest);
            break;
        case 1: {
            // The CRC is mended, so that what is behind it is reached too.
            constexpr std::size_t body_max = 1024;
            const auto part = rest.first(std::min(rest.size(), body_max));
            auto record = encode_record(
                {.type = RecordType::open,
                 .connection = ConnectionId::from_bytes({}),
                 .at = from_micros(0)},
                part
            );
            read_records(record);
            break;
        }
        case 2:
            (void)decode_journal_header(rest);
            (void)decode_batch_head(rest);
            break;
        case 3:
            (void)decode_segment_header(rest);
            (void)decode_index(rest);
            break;
        case 4:
            if (const auto manifest = parse_manifest(as_text(rest))) {
                const auto again = parse_manifest(to_json(*manifest));
                require(again.has_value() && to_json(*again) == to_json(*manifest));
            }
            break;
        default:
            (void)parse_end_note(as_text(rest));
            (void)journal_number(as_text(rest));
            break;
    }
    return 0;
}
