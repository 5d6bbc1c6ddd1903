#pragma once
// Reads a journal file's batches back: the mover while the file grows, and the next start.

#include "domain/recording/disk.h"
#include "domain/recording/journal_format.h"
#include "domain/recording/record.h"

#include <cstdint>
#include <functional>
#include <optional>

namespace sallyport::recording {

class BatchReader {
public:
    // Expects the batch `number` of the run `stamp` at `offset`.
    BatchReader(File& file, std::uint64_t stamp, std::uint64_t number, std::uint64_t offset)
        : file_(file), stamp_(stamp), number_(number), offset_(offset) {}

    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }

    // The payload of the expected batch, good until the next call; none if it is not there whole.
    [[nodiscard]] std::optional<BytesView> peek();
    // Goes on behind the batch that peek() showed.
    void advance();
    // Looks for a later batch of the same run, where the expected one is not. True: a batch that
    // was durable is lost, and peek() goes on behind the hole.
    [[nodiscard]] bool skip_hole();

private:
    [[nodiscard]] std::optional<BatchHead> head_at(std::uint64_t offset);

    File& file_;
    std::uint64_t stamp_;
    std::uint64_t number_;
    std::uint64_t offset_;
    Bytes buffer_;
};

// Throws DiskFault if the payload is not records from end to end (its CRC was right, so no writer
// of ours made it).
void for_each_record(BytesView payload, const std::function<void(const Record&)>& visit);

}  // namespace sallyport::recording
