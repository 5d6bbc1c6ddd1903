#include "domain/recording/journal_reader.h"

#include "domain/recording/crc32c.h"

namespace sallyport::recording {

std::optional<BatchHead> BatchReader::head_at(std::uint64_t offset) {
    std::array<std::byte, batch_head_size> bytes{};
    if (file_.read_at(offset, bytes) != bytes.size()) return std::nullopt;
    const auto head = decode_batch_head(bytes);
    if (!head || head->stamp != stamp_) return std::nullopt;
    return *head;
}

std::optional<BytesView> BatchReader::peek() {
    const auto head = head_at(offset_);
    if (!head || head->number != number_) return std::nullopt;
    buffer_.resize(head->payload_size);
    if (file_.read_at(offset_ + batch_head_size, buffer_) != buffer_.size()) return std::nullopt;
    if (crc32c(buffer_) != head->payload_crc) return std::nullopt;
    return buffer_;
}

void BatchReader::advance() {
    offset_ += batch_extent(buffer_.size());
    ++number_;
}

bool BatchReader::skip_hole() {
    const auto size = file_.size();
    for (auto offset = offset_ + page_size; offset < size; offset += page_size) {
        const auto head = head_at(offset);
        // A reused file still holds older batches of the run; their numbers are lower.
        if (!head || head->number <= number_) continue;
        BatchReader behind(file_, stamp_, head->number, offset);
        if (!behind.peek()) continue;
        offset_ = offset;
        number_ = head->number;
        return true;
    }
    return false;
}

void for_each_record(BytesView payload, const std::function<void(const Record&)>& visit) {
    while (!payload.empty()) {
        const auto record = decode_record(payload);
        if (!record) throw DiskFault("a journal batch holds what is no record");
        visit(*record);
        payload = payload.subspan(record->whole.size());
    }
}

}  // namespace sallyport::recording
