#pragma once
// The journal's writer: one thread takes everything that waits, of all recordings, writes it as one
// batch and makes it durable with one fdatasync; then the completions run. Bounded: reserve() says
// no when the queue is full. docs/protocols/journal.md.

#include "base/core/random.h"
#include "domain/recording/disk.h"
#include "domain/recording/health.h"
#include "domain/recording/journal_format.h"
#include "domain/recording/recorder.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace sallyport::recording {

// A recording's file for frames over inline_size_max. Only the journal's thread touches `file`.
struct BulkFile {
    ConnectionId connection;
    std::unique_ptr<File> file;
};

// What waits for the next batch. Exactly one of `record` and `error` is there.
struct JournalItem {
    Bytes record;
    std::exception_ptr error;  // nothing to write: `done` is told this, in its turn
    std::uint64_t sequence = 0;
    Completion done;  // none for marks
    Bytes bulk;       // written before the record that refers to it
    std::uint64_t bulk_offset = 0;
    std::shared_ptr<BulkFile> bulk_file;
};

// A file of this run. `header` and `path` never change.
struct JournalFile {
    JournalHeader header;
    std::string path;
    std::unique_ptr<File> file;
};

// How far a file is durable; `full` if no batch will be added.
struct DurableRange {
    std::shared_ptr<JournalFile> file;
    std::uint64_t end;
    bool full;
};

class Journal {
public:
    // Called after each batch, on the journal's thread, with the batch's size.
    using OnDurable = std::function<void(std::uint64_t bytes)>;

    struct Start {
        std::uint64_t file_number;  // the first; no file of that number or above exists
        OnDurable on_durable;
    };

    Journal(
        const RecorderSettings& settings,
        Disk& disk,
        Random& random,
        Health& health,
        Reserve& reserve,
        Start start
    );
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    Journal(Journal&&) = delete;
    Journal& operator=(Journal&&) = delete;

    // Room for `bytes` in the queue; taken until the item that was pushed for it is done.
    [[nodiscard]] bool reserve(std::size_t bytes);
    // Whoever pushes one recording's items holds that recording's lock, so that they keep order.
    // `reserved` is what reserve() gave for all of them (0: none was asked for). `urgent` starts a
    // batch at once. False after stop(): the items are untouched, and the caller tells their
    // completions.
    [[nodiscard]] bool push(std::span<JournalItem> items, std::size_t reserved, bool urgent);
    // Writes what is waiting and joins.
    void stop();

    // For the mover. Files in the order of writing.
    [[nodiscard]] std::vector<DurableRange> durable() const;
    // Its frames are durable elsewhere. The file is kept for reuse or removed.
    void reclaim(const std::shared_ptr<JournalFile>& file);
    // A file written full of zeros, ready to be taken: overwriting is what makes fdatasync quick.
    void prepare_spare();

private:
    struct Waiting {
        JournalItem item;
        std::size_t reserved;
    };

    void run();
    // What the next batch takes; empty when stopped and drained.
    [[nodiscard]] std::vector<Waiting> wait_for_work();
    void write(const std::vector<Waiting>& batch);
    void write_bulk(const std::vector<Waiting>& batch);
    void make_room(std::uint64_t extent);
    void finish(std::vector<Waiting> batch);

    Disk& disk_;
    Random& random_;
    Health& health_;
    Reserve& disk_reserve_;
    OnDurable on_durable_;
    std::string root_;
    std::string folder_;
    std::uint64_t file_bytes_;
    std::size_t queue_bytes_max_;
    std::size_t batch_bytes_max_;
    std::chrono::milliseconds lazy_delay_;

    // Only the journal's thread.
    std::uint64_t stamp_ = 0;
    std::uint64_t next_file_;
    std::uint64_t next_batch_ = 1;
    std::uint64_t offset_ = 0;
    Bytes buffer_;

    mutable std::mutex mutex_;
    std::condition_variable work_;
    std::deque<Waiting> queue_;
    std::size_t queue_bytes_ = 0;
    bool urgent_ = false;
    bool asleep_ = false;  // until something comes; awake, the thread looks by itself soon enough
    bool stopping_ = false;
    std::deque<DurableRange> files_;  // the last is the one being written

    std::mutex spare_mutex_;
    std::thread thread_;
};

}  // namespace sallyport::recording
