#pragma once
// Recordings as people see them: the table of visits against what is really in the folders. What
// should be there and is not is shown as missing, never left out.

#include "base/core/moment.h"
#include "base/store/tx.h"
#include "domain/recording/connections.h"
#include "domain/recording/disk.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace sallyport::recording {

enum class RecordingState : std::uint8_t {
    open,  // the visit goes on, or its seal is on the way
    sealed,
    interrupted,  // sealed at the next start: the process or the machine had stopped
    missing,      // the visit took place, and its recording is not there
    broken,       // its manifest or a file is not what was sealed
};

[[nodiscard]] std::string_view to_text(RecordingState state) noexcept;

struct RecordingEntry {
    Connection connection;
    RecordingState state = RecordingState::missing;
    std::uint64_t bytes = 0;  // on disk
    std::uint64_t exchanges = 0;
    std::uint64_t gaps = 0;
};

// Checks the manifest against the sealed root hash, and that each file is there in its length; the
// bytes themselves are verify_recording()'s (reader.h). Newest first.
[[nodiscard]] store::Page<RecordingEntry> list_recordings(
    store::Tx& tx, Disk& disk, const std::string& root, const ConnectionFilter& filter
);
[[nodiscard]] RecordingEntry look_at_recording(
    Disk& disk, const std::string& root, const Connection& connection
);

// At start, after open_recorder() and before the first visit: every visit that the last run left
// unsealed is closed and its recording sealed in the table: pam.disconnect, rec.sealed, a rec.gap
// for each hole, and rec.gap "missing" for a recording that is not there. Returns how many. Call it
// until it returns 0: it takes at most 1000 at a time.
std::size_t settle_recordings(
    store::Tx& tx, const Moment& moment, Disk& disk, const std::string& root
);

}  // namespace sallyport::recording
