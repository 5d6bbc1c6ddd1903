#include "domain/recording/journal.h"

#include "base/core/log.h"
#include "domain/recording/crc32c.h"
#include "domain/recording/manifest.h"
#include "domain/recording/record.h"
#include "domain/recording/segment_writer.h"

#include <algorithm>

namespace sallyport::recording {
namespace {

constexpr std::string_view spare_name = "spare";

void tell(Completion& done, const std::exception_ptr& error, std::uint64_t sequence) noexcept {
    if (!done) return;
    try {
        done(error, sequence);
    } catch (const std::exception& e) {
        log::error("a completion threw", {{"error", e.what()}});
    }
}

std::uint64_t fresh_stamp(Random& random) {
    std::array<std::byte, 8> bytes{};
    random.fill(bytes);
    std::uint64_t stamp = 0;
    for (const auto byte : bytes) {
        stamp = stamp << 8U | std::to_integer<std::uint64_t>(byte);
    }
    return stamp;
}

std::size_t batch_limit(std::uint64_t file_bytes) {
    if (file_bytes % page_size != 0 || file_bytes < 2 * page_size + record_size_max) {
        throw Fault("journal_file_bytes must be a multiple of 4096 and hold one frame");
    }
    const auto room = file_bytes - page_size - batch_head_size;
    return static_cast<std::size_t>(std::min<std::uint64_t>(room, batch_payload_max));
}

}  // namespace

Journal::Journal(
    const RecorderSettings& settings,
    Disk& disk,
    Random& random,
    Health& health,
    Reserve& reserve,
    Start start
)
    : disk_(disk),
      random_(random),
      health_(health),
      disk_reserve_(reserve),
      on_durable_(std::move(start.on_durable)),
      root_(settings.folder),
      folder_(settings.folder + "/" + std::string(journal_folder_name)),
      file_bytes_(settings.journal_file_bytes),
      queue_bytes_max_(settings.queue_bytes_max),
      batch_bytes_max_(batch_limit(settings.journal_file_bytes)),
      lazy_delay_(settings.lazy_delay),
      stamp_(fresh_stamp(random_)),
      next_file_(start.file_number) {
    thread_ = std::thread([this] { run(); });
}

Journal::~Journal() {
    stop();
}

bool Journal::reserve(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (queue_bytes_ + bytes > queue_bytes_max_) return false;
    queue_bytes_ += bytes;
    return true;
}

bool Journal::push(std::span<JournalItem> items, std::size_t reserved, bool urgent) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            queue_bytes_ -= reserved;
            return false;
        }
        for (auto& item : items) {
            queue_.push_back({std::move(item), 0});
        }
        queue_.back().reserved = reserved;
        wake = asleep_ || (urgent && !urgent_);
        if (urgent) urgent_ = true;
    }
    // Not under the lock, which the thread that wakes would only wait for.
    if (wake) work_.notify_one();
    return true;
}

void Journal::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        work_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

std::vector<DurableRange> Journal::durable() const {
    const std::lock_guard lock(mutex_);
    return {files_.begin(), files_.end()};
}

void Journal::reclaim(const std::shared_ptr<JournalFile>& file) {
    // The header goes first: what is left in the file is nobody's from here on, whatever its name.
    const Bytes zeros(page_size);
    file->file->write_at(0, zeros);
    file->file->sync();
    {
        const std::lock_guard lock(spare_mutex_);
        const auto spare = folder_ + "/" + std::string(spare_name);
        disk_.exists(spare) ? disk_.remove(file->path) : disk_.rename(file->path, spare);
    }
    const std::lock_guard lock(mutex_);
    std::erase_if(files_, [&](const DurableRange& range) { return range.file == file; });
}

void Journal::prepare_spare() {
    const auto spare = folder_ + "/" + std::string(spare_name);
    {
        const std::lock_guard lock(spare_mutex_);
        if (disk_.exists(spare)) return;
    }
    const auto beside = spare + ".new";
    try {
        const auto file = disk_.open(beside, OpenMode::write);
        const Bytes zeros(std::min<std::uint64_t>(file_bytes_, 256U << 10U));
        for (std::uint64_t at = 0; at < file_bytes_; at += zeros.size()) {
            const auto want = std::min<std::uint64_t>(zeros.size(), file_bytes_ - at);
            file->write_at(at, BytesView(zeros).first(static_cast<std::size_t>(want)));
        }
        file->sync();
    } catch (const DiskFull&) {
        disk_.remove(beside);
        throw;
    }
    const std::lock_guard lock(spare_mutex_);
    disk_.exists(spare) ? disk_.remove(beside) : disk_.rename(beside, spare);
}

void Journal::run() {
    for (;;) {
        auto batch = wait_for_work();
        if (batch.empty()) return;
        if (!health_.poisoned()) {
            try {
                write(batch);
            } catch (...) {
                health_.poison(std::current_exception());
            }
        }
        finish(std::move(batch));
    }
}

std::vector<Journal::Waiting> Journal::wait_for_work() {
    std::unique_lock lock(mutex_);
    // What nobody waits for waits for company. Only a thread that found nothing at all in so long
    // goes to sleep: under load, marks wake nobody.
    const auto at_once = [&] { return stopping_ || urgent_; };
    work_.wait_for(lock, lazy_delay_, at_once);
    if (!stopping_ && queue_.empty()) {
        asleep_ = true;
        work_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
        asleep_ = false;
        work_.wait_for(lock, lazy_delay_, at_once);
    }

    std::vector<Waiting> batch;
    batch.reserve(queue_.size());
    std::size_t bytes = 0;
    while (!queue_.empty()) {
        const auto size = queue_.front().item.record.size();
        if (bytes + size > batch_bytes_max_) break;
        bytes += size;
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    urgent_ = urgent_ && !queue_.empty();
    return batch;
}

void Journal::write(const std::vector<Waiting>& batch) {
    write_bulk(batch);

    buffer_.assign(batch_head_size, std::byte{0});
    BatchHead head{.stamp = stamp_, .number = next_batch_};
    for (const auto& waiting : batch) {
        const auto& record = waiting.item.record;
        if (record.empty()) continue;
        buffer_.insert(buffer_.end(), record.begin(), record.end());
        ++head.records;
    }
    if (head.records == 0) return;
    const auto payload = BytesView(buffer_).subspan(batch_head_size);
    head.payload_size = static_cast<std::uint32_t>(payload.size());
    head.payload_crc = crc32c(payload);
    const auto encoded = encode_batch_head(head);
    std::ranges::copy(encoded, buffer_.begin());
    buffer_.resize(batch_extent(payload.size()));

    make_room(buffer_.size());
    const auto file = [&] {
        const std::lock_guard lock(mutex_);
        return files_.back().file;
    }();
    write_with(disk_reserve_, [&] { file->file->write_at(offset_, buffer_); });
    file->file->sync();
    offset_ += buffer_.size();
    ++next_batch_;
    {
        const std::lock_guard lock(mutex_);
        files_.back().end = offset_;
    }
    on_durable_(buffer_.size());
    constexpr std::size_t kept = 1U << 20U;
    if (buffer_.capacity() > kept) Bytes().swap(buffer_);
}

// Long frames are durable in their own file before the record that names them is.
void Journal::write_bulk(const std::vector<Waiting>& batch) {
    std::vector<File*> written;
    for (const auto& waiting : batch) {
        const auto& item = waiting.item;
        if (item.bulk.empty()) continue;
        auto& bulk = *item.bulk_file;
        const bool is_new = bulk.file == nullptr;
        write_with(disk_reserve_, [&] {
            if (is_new) make_recording_folder(disk_, root_, bulk.connection);
            const auto folder = root_ + "/" + folder_of(bulk.connection);
            if (!bulk.file) {
                bulk.file = disk_.open(folder + "/" + std::string(bulk_name), OpenMode::write);
            }
            bulk.file->write_at(item.bulk_offset, item.bulk);
        });
        if (is_new) sync_recording_folder(disk_, root_, bulk.connection);
        if (!std::ranges::count(written, bulk.file.get())) written.push_back(bulk.file.get());
    }
    for (File* const file : written) {
        file->sync();
    }
}

// Sees to it that the current file has room for a batch of this extent.
void Journal::make_room(std::uint64_t extent) {
    {
        const std::lock_guard lock(mutex_);
        if (!files_.empty() && !files_.back().full) {
            if (offset_ + extent <= file_bytes_) return;
            files_.back().full = true;
        }
    }
    auto next = std::make_shared<JournalFile>();
    next->header = {.number = next_file_, .stamp = stamp_, .first_batch = next_batch_};
    next->path = folder_ + "/" + journal_name(next_file_);
    {
        const std::lock_guard lock(spare_mutex_);
        const auto spare = folder_ + "/" + std::string(spare_name);
        if (disk_.exists(spare)) disk_.rename(spare, next->path);
    }
    write_with(disk_reserve_, [&] {
        if (!next->file) next->file = disk_.open(next->path, OpenMode::write);
        if (next->file->size() < file_bytes_) next->file->allocate(file_bytes_);
        Bytes page = encode_journal_header(next->header);
        page.resize(page_size);
        next->file->write_at(0, page);
    });
    next->file->sync();
    disk_.sync_folder(folder_);
    ++next_file_;
    offset_ = page_size;
    const std::lock_guard lock(mutex_);
    files_.push_back({std::move(next), offset_, false});
}

void Journal::finish(std::vector<Waiting> batch) {
    const auto fault = health_.poisoned() ? health_.fault() : nullptr;
    std::size_t reserved = 0;
    for (auto& waiting : batch) {
        reserved += waiting.reserved;
        auto& item = waiting.item;
        tell(item.done, item.error ? item.error : fault, item.sequence);
    }
    const std::lock_guard lock(mutex_);
    queue_bytes_ -= reserved;
}

}  // namespace sallyport::recording
