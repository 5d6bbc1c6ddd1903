#pragma once
// Record, then forward. A connection submits every message to its Recording and sends it on only
// after the completion said that it is durable. The journal below is node-wide: one batched
// fdatasync serves all connections. Formats: docs/protocols/journal.md, recording.md.

#include "base/core/bytes.h"
#include "base/core/fault.h"
#include "base/core/id.h"
#include "base/core/random.h"
#include "base/core/result.h"
#include "base/core/time.h"
#include "base/keys/key_ring.h"
#include "domain/recording/disk.h"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::recording {

// What a frame tells. Numbers are the file format's.
enum class FrameKind : std::uint8_t {
    to_device = 1,       // bytes toward the device, after rewriting, with the secret's span masked
    from_device = 2,     // bytes from the device as they came, secrets masked
    to_person = 3,       // bytes toward the person where they differ from from_device; `reference`
                         // is the from_device frame that they stand for (0: the latest before)
    sent = 4,            // mark: the frame `reference` was handed to the network; written lazily
    exchange_begin = 5,  // JSON: one HTTP exchange begins {id, method, target, …}
    exchange_end = 6,    // JSON: {id, status, outcome, …}
    note = 7,            // JSON: connection opened, socket opened, cut, cause
    end = 8,             // JSON: the last frame {cause, frames}; seal() writes it, nobody else
};

// A payload over this is refused with a fault. Up to inline_size_max it goes through the journal,
// above it straight to a file of the recording: relay bodies in pieces of at most 64 KiB.
inline constexpr std::size_t payload_size_max = 16U << 20U;
inline constexpr std::size_t inline_size_max = 64U << 10U;

struct Frame {
    FrameKind kind;
    std::uint32_t stream = 0;     // socket of the visit
    std::uint32_t exchange = 0;   // HTTP exchange, 0 if none
    std::uint64_t reference = 0;  // for `sent`: the sequence number that was sent
    Time at;
    Bytes payload;
};

// The queue in front of the journal is full. Nothing was recorded; the recorder goes on. The caller
// ends the connection or answers 503.
class RecorderOverloaded final : public Fault {
public:
    using Fault::Fault;
};

// The recording can't go on: the recorder is poisoned or stopping, or the recording is sealed.
class RecorderFailed final : public Fault {
public:
    using Fault::Fault;
};

// Called once, on the journal's thread (on the caller's, when the recorder has stopped): the
// frame's sequence number in its recording once it is durable, or what failed. After a failure
// other than RecorderOverloaded the recorder is poisoned: nothing is ever durable again in this
// process (an fsync error is final). It returns soon and does not throw: everybody's frames wait
// behind it.
using Completion = std::move_only_function<void(std::exception_ptr, std::uint64_t sequence)>;

// One visit's recording. Thread-safe. Destroyed without seal(), it is sealed by the mover at the
// next start as `interrupted`.
class Recording {
public:
    virtual ~Recording() = default;
    [[nodiscard]] virtual const ConnectionId& id() const noexcept = 0;
    // Intent: durable before `done`. Frames of one recording complete in the order submitted.
    virtual void submit(Frame frame, Completion done) = 0;
    // Several that belong together, at least one: they get consecutive numbers, and `done` is told
    // the last of them once all are durable. All are taken or none.
    virtual void submit_all(std::vector<Frame> frames, Completion done) = 0;
    // What nobody waits for before sending: written like a mark, with the next batch or a quarter
    // of a second later, but never left out; `done` may be empty.
    virtual void submit_lazily(Frame frame, Completion done) = 0;
    // Lazily written, with the next batch or a quarter of a second later; no completion. A mark
    // that finds no room is left out: replay then shows `unknown`, which is the truth.
    virtual void mark_sent(std::uint64_t sequence, Time at) = 0;
    // Writes the last frame, drains, seals the segments and the manifest, and completes with the
    // root hash of the manifest, which the caller writes as rec.sealed. Called once, on the
    // recorder's mover thread.
    using Sealed = std::move_only_function<void(std::exception_ptr, Bytes root_hash)>;
    virtual void seal(std::string cause, Time at, Sealed done) = 0;
};

struct RecordingInfo {  // goes into the manifest, in clear; no secret, no patient
    ConnectionId connection;
    std::string format;  // "http"
    std::string person;
    std::string login_name;
    std::string device;
    std::string grant;
    Time opened_at;
};

// What open_recorder found unsealed and sealed: what the last run left behind.
struct RecoveredRecording {
    ConnectionId connection;
    bool interrupted;  // else its end was recorded, and only the seal was missing
    std::string cause;
    Time closed_at;
    Bytes root_hash;
    std::uint64_t frames = 0;
    // Frames that were promised and are not there, first and last: each is a rec.gap.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> gaps;
};

// Why no new visit may begin. Reasons: "recorder.disk_reserve", "recorder.poisoned",
// "recorder.stopping".
class Recorder {
public:
    // Writes what is waiting, moves it, and stops. Recordings that are still open then fail.
    virtual ~Recorder() = default;
    // Admission first: disk reserve, key and journal are healthy, else the visit is refused.
    [[nodiscard]] virtual Result<void> admit() = 0;
    // Touches no disk. Refuses as admit() does, and conflict "recorder.already_open", invalid
    // "recorder.info_too_long".
    [[nodiscard]] virtual Result<std::shared_ptr<Recording>> open(const RecordingInfo& info) = 0;
    [[nodiscard]] virtual bool poisoned() const noexcept = 0;
    // The reserve is in use: whoever holds running visits ends them now, while they can still be
    // recorded to their end.
    [[nodiscard]] virtual bool on_reserve() const noexcept = 0;
    [[nodiscard]] virtual const std::vector<RecoveredRecording>& recovered() const noexcept = 0;
};

enum class Trouble : std::uint8_t {
    on_reserve,  // the disk is full: end the running visits
    poisoned,    // nothing can be recorded any more: cut them
};

struct RecorderSettings {
    std::string folder;                             // made if absent; its parent must exist
    std::uint64_t reserve_bytes = 128U << 20U;      // held back for running visits to end cleanly
    std::uint64_t free_bytes_min = 256U << 20U;     // with less than this left, no new visit begins
    std::uint64_t journal_file_bytes = 32U << 20U;  // a whole number of 4 KiB
    std::size_t queue_bytes_max = 32U << 20U;       // waiting frames of all visits
    std::uint64_t segment_bytes_max = 64U << 20U;
    std::chrono::seconds segment_age_max{900};
    std::chrono::milliseconds lazy_delay{250};   // how late what nobody waits for may be written
    std::chrono::milliseconds move_delay{1000};  // how late frames reach their segment
    // Called once for each kind of trouble, on a thread of the recorder's; returns soon.
    std::function<void(Trouble)> on_trouble;
};

// Replays what an earlier run left in the journal, seals what it left open (recovered()), and
// starts. One recorder per folder. `keys`, `random` and `disk` outlive it. Throws DiskFault.
[[nodiscard]] std::unique_ptr<Recorder> open_recorder(
    RecorderSettings settings, const keys::KeyRing& keys, Random& random, Disk& disk
);

}  // namespace sallyport::recording
