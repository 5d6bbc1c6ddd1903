#pragma once
// Journal files: a header page, then batches, each on a 4 KiB border. A batch is what one fdatasync
// made durable; it is there whole or not at all. docs/protocols/journal.md. Pure.

#include "base/core/bytes.h"
#include "base/core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::recording {

inline constexpr std::uint64_t page_size = 4096;
inline constexpr std::size_t batch_head_size = 40;
inline constexpr std::size_t batch_payload_max = 4U << 20U;

struct JournalHeader {
    std::uint64_t number = 0;       // of the file; its name says the same
    std::uint64_t stamp = 0;        // random, of the run that wrote it: leftovers in a reused file
                                    // carry another, or a batch number that is too low
    std::uint64_t first_batch = 0;  // the number of its first batch
};

struct BatchHead {
    std::uint64_t stamp = 0;
    std::uint64_t number = 0;        // counts from 1 through all files of one run, without a hole
    std::uint32_t payload_size = 0;  // records, back to back
    std::uint32_t payload_crc = 0;
    std::uint32_t records = 0;
};

[[nodiscard]] Bytes encode_journal_header(const JournalHeader& header);
// Refuses "journal.malformed". 48 bytes are read.
[[nodiscard]] Result<JournalHeader> decode_journal_header(BytesView bytes);
[[nodiscard]] Bytes encode_batch_head(const BatchHead& head);
[[nodiscard]] Result<BatchHead> decode_batch_head(BytesView bytes);

// What a batch takes in the file, up to the next border.
[[nodiscard]] constexpr std::uint64_t batch_extent(std::uint64_t payload_size) noexcept {
    return (batch_head_size + payload_size + page_size - 1) / page_size * page_size;
}

// "0000000000000007.journal"
[[nodiscard]] std::string journal_name(std::uint64_t number);
[[nodiscard]] std::optional<std::uint64_t> journal_number(std::string_view name);

}  // namespace sallyport::recording
