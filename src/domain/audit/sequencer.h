#pragma once
// Gives committed events their place in the tree, and publishes the tree: entries and tiles, then a
// signed checkpoint, then (every minute in which something happened) a copy of the checkpoint in
// the anchor folder, which should be on another machine.
//
// One thread calls step() about every 200 ms. An event is numbered, and published, within one such
// step; what a crash leaves between numbering and publishing is caught up at the next start. A
// fencing epoch in the database keeps a second sequencer from numbering the same rows.

#include "base/core/moment.h"
#include "base/store/database.h"
#include "domain/audit/checkpoint.h"
#include "domain/audit/key_chain.h"
#include "domain/audit/log_files.h"
#include "domain/audit/log_store.h"
#include "domain/audit/tiles.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace sallyport::audit {

enum class LogState : std::uint8_t {
    starting,  // start() was not called, or threw
    healthy,
    read_only,   // database and published log disagree: nothing new may happen; alarm
    superseded,  // another sequencer took over; start() would take it back
};

struct LogStatus {
    LogState state = LogState::starting;
    // Why not healthy: "audit.database_behind", "audit.database_differs", "audit.head_differs",
    // "audit.checkpoint_forged", "audit.files_incomplete", "audit.files_differ",
    // "audit.anchor_differs", "audit.key_chain", "audit.key_retired" (the signer's key has been
    // replaced by another), "audit.superseded".
    std::string reason;
    std::uint64_t size = 0;       // numbered events
    std::uint64_t published = 0;  // under a signed checkpoint
    std::uint64_t anchored = 0;   // copied to the anchor folder by this process
    std::string anchor_fault;     // what the last try to anchor failed with
};

class Sequencer {
public:
    struct Settings {
        Duration anchor_every = std::chrono::seconds(60);
        // When nothing but anchoring happened since the last anchor.
        Duration anchor_idle_every = std::chrono::hours(1);
        std::size_t batch_max = 1024;          // events numbered in one transaction
        std::size_t step_max = 64 << 10;       // events numbered or published in one step
        std::string anchor_target = "folder";  // what audit.anchor says
    };

    // `files` (the log's folder) and `anchors` (null: none) must outlive it.
    Sequencer(LogSigner signer, LogFiles& files, LogFiles* anchors, Settings settings);

    // Takes over and compares the published log, the anchor and the database. Where they disagree
    // the state is read_only, and audit.chain_broken is in the database (not numbered: nothing is,
    // until somebody has looked). Throws Fault if database or files can't be read.
    LogStatus start(store::Database& database, const Moment& moment);
    // Does nothing unless healthy. Throws Fault if database or files fail; the next step goes on
    // from what is durable.
    LogStatus step(store::Database& database, const Moment& moment);

    [[nodiscard]] const LogStatus& status() const noexcept { return status_; }

private:
    bool check_published(store::Database& database);
    bool check_anchor(const KeyChain& chain);
    bool check_last_row(store::Database& database, const Checkpoint& published);
    bool broken(std::string reason, std::uint64_t first_bad);
    void log_broken(store::Database& database, const Moment& moment);
    void tell_lost_anchor(store::Database& database, const Moment& moment);

    void number(store::Database& database);
    void publish(store::Database& database);
    bool publish_rows(store::Database& database, std::uint64_t end);
    void publish_checkpoint();
    void remove_partial_files();
    void anchor(store::Database& database, const Moment& moment);
    void tell_anchor(store::Database& database, const Moment& moment, bool done);

    LogSigner signer_;
    LogFiles& files_;
    LogFiles* anchors_;
    Settings settings_;

    LogStatus status_;
    std::uint64_t first_bad_ = 0;
    std::int64_t epoch_ = 0;
    LogHead head_;
    std::optional<TileWriter> writer_;  // at what is published; empty: resume from the files
    std::optional<Checkpoint> published_;
    std::map<std::uint64_t, std::pair<Hash, std::string>> expected_;  // roots to meet on the way
    std::string note_;                                                // the published checkpoint
    std::optional<Duration> anchored_at_;                             // monotonic
    std::uint64_t quiet_size_ = 0;  // what the log grows to by its own last anchor event
};

}  // namespace sallyport::audit
