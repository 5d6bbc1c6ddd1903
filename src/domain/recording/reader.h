#pragma once
// Opens a recording, sealed or not, checks every byte of it, and gives its frames in order. What is
// wrong is reported and never passed over: a frame that does not open is not shown.

#include "base/keys/key_ring.h"
#include "domain/recording/disk.h"
#include "domain/recording/manifest.h"
#include "domain/recording/segment_format.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::recording {

struct ReadFrame {
    std::uint64_t sequence;
    Frame frame;
};

// What is wrong, where. `what` is one of: "recording.no_key", "segment.missing",
// "segment.malformed", "segment.changed" (its bytes are not those that the manifest hashed),
// "record.damaged", "record.moved" (it belongs to another recording), "record.out_of_order",
// "frame.missing" (`sequence` is the first one), "frame.not_authentic", "bulk.changed",
// "manifest.malformed", "manifest.changed" (not the root hash that was sealed),
// "end.missing" (a sealed recording without its last frame).
struct Problem {
    std::string what;
    std::string file;
    std::uint64_t offset = 0;
    std::uint64_t sequence = 0;
};

struct IntegrityReport {
    bool sealed = false;  // it has a manifest
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;        // payload
    Bytes root_hash;                // of the manifest as it is; empty without one
    std::vector<Problem> problems;  // at most problems_max

    [[nodiscard]] bool whole() const noexcept { return problems.empty(); }

    static constexpr std::size_t problems_max = 1000;
};

class RecordingReader {
public:
    // Refuses not_found "recording.missing" if there is no folder, or nothing in it. Whatever else
    // is wrong is a problem in the report.
    [[nodiscard]] static Result<RecordingReader> open(
        Disk& disk,
        const std::string& root,
        const ConnectionId& connection,
        const keys::KeyRing& keys
    );

    // From the manifest, or from the first record.
    [[nodiscard]] const RecordingInfo& info() const noexcept { return info_; }

    [[nodiscard]] const std::optional<Manifest>& manifest() const noexcept { return manifest_; }

    // The next frame that is authentic; none at the end.
    [[nodiscard]] std::optional<ReadFrame> next();
    // Goes on with the last index entry at or before `at`; for showing, not for verifying.
    void seek(Time at);

    // What next() has met so far. Of a recording that is still being written, the tail that is not
    // there yet is no problem.
    [[nodiscard]] const IntegrityReport& report() const noexcept { return report_; }

private:
    RecordingReader(Disk& disk, std::string folder, const ConnectionId& connection);

    void read_manifest();
    void read_key(const keys::KeyRing& keys);
    bool begin_segment();
    void check_segment_hash(File& file);
    void end_segment(const Refusal* trouble);
    std::optional<ReadFrame> open_record(const Record& record);
    std::optional<Bytes> bulk_bytes(const Record& record);
    void finish();
    void note(std::string_view what, std::uint64_t sequence = 0);

    Disk* disk_;
    std::string folder_;
    ConnectionId connection_;
    RecordingInfo info_;
    std::optional<Manifest> manifest_;
    std::optional<crypto::Secret> key_;
    IntegrityReport report_;

    std::uint32_t segments_ = 0;
    std::uint32_t number_ = 0;
    std::unique_ptr<File> file_;
    std::unique_ptr<RecordScanner> scanner_;
    std::unique_ptr<File> bulk_;
    std::uint64_t expected_ = 0;
    bool ended_ = false;  // the end frame was seen
    bool finished_ = false;
    bool sought_ = false;
};

// Reads all of it. `sealed_root` is what the audit log holds (empty: not known).
[[nodiscard]] IntegrityReport verify_recording(
    Disk& disk,
    const std::string& root,
    const ConnectionId& connection,
    const keys::KeyRing& keys,
    BytesView sealed_root
);

}  // namespace sallyport::recording
