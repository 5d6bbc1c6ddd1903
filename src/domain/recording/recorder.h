#pragma once
// Record, then forward. A connection submits every message to its Recording and sends it on only
// after the completion said that it is durable. The journal below is node-wide: one batched
// fdatasync serves all connections. Formats: docs/protocols/journal.md, recording.md.

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/core/result.h"
#include "base/core/time.h"

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sallyport::recording {

// What a frame tells. Numbers are the file format's.
enum class FrameKind : std::uint8_t {
    to_device = 1,        // bytes toward the device, after rewriting, with the secret's span masked
    from_device = 2,      // bytes from the device as they came, secrets masked
    to_person = 3,        // bytes toward the person where they differ from from_device
    sent = 4,             // mark: the frame `reference` was handed to the network; written lazily
    exchange_begin = 5,   // JSON: one HTTP exchange begins {id, method, target, …}
    exchange_end = 6,     // JSON: {id, status, outcome, …}
    note = 7,             // JSON: connection opened, socket opened, cut, cause
};

struct Frame {
    FrameKind kind;
    std::uint32_t stream = 0;     // socket of the visit
    std::uint32_t exchange = 0;   // HTTP exchange, 0 if none
    std::uint64_t reference = 0;  // for `sent`: the sequence number that was sent
    Time at;
    Bytes payload;
};

// Called once, on the journal's thread: the frame's sequence number in its recording once it is
// durable, or what failed. After a failure the recorder is poisoned: nothing is ever durable again
// in this process (an fsync error is final).
using Completion = std::move_only_function<void(std::exception_ptr, std::uint64_t sequence)>;

// One visit's recording. Thread-safe. Destroyed without seal(), it is sealed by the mover at the
// next start as `interrupted`.
class Recording {
public:
    virtual ~Recording() = default;
    [[nodiscard]] virtual const ConnectionId& id() const noexcept = 0;
    // Intent: durable before `done`. Frames of one recording complete in the order submitted.
    virtual void submit(Frame frame, Completion done) = 0;
    // Lazily written, with the next batch; no completion.
    virtual void mark_sent(std::uint64_t sequence, Time at) = 0;
    // Writes the last frame, drains, seals the segments and the manifest, and completes with the
    // root hash of the manifest, which the caller writes as rec.sealed.
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

// Why no new visit may begin. Reasons: "recorder.disk_reserve", "recorder.poisoned",
// "recorder.stopping".
class Recorder {
public:
    virtual ~Recorder() = default;
    // Admission first: disk reserve, key and journal are healthy, else the visit is refused.
    [[nodiscard]] virtual Result<void> admit() = 0;
    [[nodiscard]] virtual Result<std::shared_ptr<Recording>> open(const RecordingInfo& info) = 0;
    [[nodiscard]] virtual bool poisoned() const noexcept = 0;
};

}  // namespace sallyport::recording
