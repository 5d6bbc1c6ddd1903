#pragma once
// One recording's folder while it is being written: segments, their indexes, and in the end the
// manifest. Takes records in the order of the journal; one it has already is left alone, so a
// replay can't write anything twice. Used by one thread. Memory: some 100 KiB at most.

#include "base/crypto/crypto.h"
#include "domain/recording/disk.h"
#include "domain/recording/manifest.h"
#include "domain/recording/record.h"
#include "domain/recording/segment_format.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::recording {

struct SegmentLimits {
    std::uint64_t bytes_max;
    Duration age_max;
};

// How a recording ended, for its manifest.
struct Ending {
    bool interrupted;
    std::string cause;
    Time at;
};

struct SealedFolder {
    Bytes root_hash;
    Manifest manifest;
};

class SegmentWriter {
public:
    // Goes on with what the folder holds; an empty or absent one is begun with the first record.
    SegmentWriter(Disk& disk, std::string root, ConnectionId connection, SegmentLimits limits);

    // Every function may throw DiskFull and can then be called again; any other fault is final.
    void append(const Record& record);
    // What was appended is in the files (but not yet durable).
    void flush();
    // What was appended is durable, and so are the folders' entries.
    void sync();
    // Closes the last segment and writes the manifest, durably. `tail_unknown`: frames may be
    // missing behind the last one.
    [[nodiscard]] SealedFolder seal(const Ending& ending, bool tail_unknown = false);

    // It has a manifest; append() then does nothing.
    [[nodiscard]] bool sealed() const noexcept { return sealed_; }

    [[nodiscard]] bool begun() const noexcept { return next_ > 0; }

    // The `open` record's wrapped key; empty if that record never came.
    [[nodiscard]] const Bytes& wrapped_key() const noexcept { return manifest_.wrapped_key; }

    [[nodiscard]] Time last_at() const noexcept { return last_at_; }

    // The body of the last frame, if that is the end frame.
    [[nodiscard]] const std::optional<Bytes>& end_record() const noexcept { return end_record_; }

private:
    void resume();
    void resume_segment(std::uint32_t number, bool last);
    void note(const Record& record, std::uint64_t offset);
    void begin_segment(Time at);
    void finish_segment();

    Disk& disk_;
    std::string root_;
    std::string folder_;
    ConnectionId connection_;
    SegmentLimits limits_;

    Manifest manifest_;       // grows as we go
    std::uint64_t next_ = 0;  // the sequence number that is expected
    Time last_at_;
    std::optional<Bytes> end_record_;
    std::uint64_t bulk_end_ = 0;

    // The segment being written.
    std::unique_ptr<File> file_;
    SegmentEntry segment_;
    std::uint32_t number_ = 0;
    std::uint64_t offset_ = 0;              // what is in the file
    Bytes buffer_;                          // what is to follow
    std::unique_ptr<crypto::Sha256> hash_;  // over the first `offset_` bytes
    std::vector<IndexEntry> index_;
    Time segment_began_;
    bool torn_tail_ = false;  // bytes behind offset_ that are no record
    bool dirty_ = false;
    bool folders_dirty_ = false;
    bool sealed_ = false;
};

// Makes the recording's folder with those above it and its mark in the `open` folder.
void make_recording_folder(Disk& disk, const std::string& root, const ConnectionId& connection);
// And makes their entries durable.
void sync_recording_folder(Disk& disk, const std::string& root, const ConnectionId& connection);

}  // namespace sallyport::recording
