#pragma once
// The mover: a thread that copies durable frames from the journal to their recordings' segments,
// seals recordings, and gives journal files back once everything in them is durable elsewhere.

#include "base/keys/key_ring.h"
#include "domain/recording/health.h"
#include "domain/recording/journal.h"
#include "domain/recording/journal_reader.h"
#include "domain/recording/segment_writer.h"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

namespace sallyport::recording {

// A seal that was asked for; the end frame is on its way.
struct PendingSeal {
    std::string cause;
    Time at;
    Recording::Sealed done;
};

class Mover {
public:
    Mover(const RecorderSettings& settings, Disk& disk, Health& health, Reserve& reserve);
    ~Mover();
    Mover(const Mover&) = delete;
    Mover& operator=(const Mover&) = delete;
    Mover(Mover&&) = delete;
    Mover& operator=(Mover&&) = delete;

    void start(Journal& journal);
    // Moves and seals all that is durable, if the disk lets it, and joins. After the journal's
    // stop.
    void stop();

    // So many more bytes are durable.
    void moved_on(std::uint64_t bytes);
    // The end frame is durable: seal soon.
    void hurry();
    void expect_seal(const ConnectionId& connection, PendingSeal seal);
    void fail_seal(const ConnectionId& connection, const std::exception_ptr& error);
    // Nobody will write or seal this one any more: the next start will.
    void abandon(const ConnectionId& connection);

private:
    void run();
    void pass(bool final);
    void move();
    void seal_ended();
    void let_go_of_abandoned();
    void reclaim(bool final);
    void fail_all_seals();
    SegmentWriter& writer(const ConnectionId& connection);

    Disk& disk_;
    Health& health_;
    Reserve& reserve_;
    std::string root_;
    SegmentLimits limits_;
    std::chrono::milliseconds delay_;
    Journal* journal_ = nullptr;

    // Only the mover's thread.
    std::map<ConnectionId, SegmentWriter> writers_;
    std::set<ConnectionId> ended_;
    std::shared_ptr<JournalFile> file_;  // the one being read
    std::unique_ptr<BatchReader> batches_;
    std::vector<std::shared_ptr<JournalFile>> emptied_;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::uint64_t unmoved_ = 0;
    bool hurry_ = false;
    bool stopping_ = false;
    std::map<ConnectionId, PendingSeal> seals_;
    std::set<ConnectionId> abandoned_;
    std::thread thread_;
};

}  // namespace sallyport::recording
