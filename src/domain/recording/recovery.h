#pragma once
// What a start does with what the last run left: moves the journal's frames to their recordings and
// seals every recording that is not sealed. Nothing durable is lost and nothing is written twice,
// however often and wherever this is interrupted.

#include "base/keys/key_ring.h"
#include "domain/recording/disk.h"
#include "domain/recording/recorder.h"
#include "domain/recording/segment_writer.h"

#include <cstdint>
#include <vector>

namespace sallyport::recording {

struct Recovered {
    std::vector<RecoveredRecording> recordings;
    std::uint64_t next_file_number = 1;
};

[[nodiscard]] Recovered recover(
    const RecorderSettings& settings, const keys::KeyRing& keys, Disk& disk
);

[[nodiscard]] SegmentLimits limits_of(const RecorderSettings& settings);

// What the writer's end frame says, opened with the recording's key; none if there is no end frame,
// cause "unknown" if it does not open.
[[nodiscard]] std::optional<Ending> recorded_ending(
    const SegmentWriter& writer, const ConnectionId& connection, const keys::KeyRing& keys
);

}  // namespace sallyport::recording
