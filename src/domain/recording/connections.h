#pragma once
// The table of visits, and the audit events around a visit and its recording. Rows are opened with
// the Permit that let the visit in, and closed and sealed once.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/page.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/policy/permit.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::recording {

// What the table knows of the recording; the folder may say otherwise (recordings.h).
enum class SealState : std::uint8_t { open, sealed, interrupted, missing };

[[nodiscard]] std::string_view to_text(SealState state) noexcept;

struct Connection {
    ConnectionId id;
    PersonId person;
    AccountId account;
    std::string login_name;
    SessionId session;
    GrantId grant;
    DeviceId device;
    std::string device_name;
    std::string protocol;
    std::string node;
    std::string source;
    std::int64_t policy_version = 0;
    Time opened_at;
    std::optional<Time> closed_at;
    std::string cause;            // empty while open
    std::uint64_t bytes_in = 0;   // from the device
    std::uint64_t bytes_out = 0;  // to the device
    std::uint64_t exchanges = 0;
    SealState state = SealState::open;
    std::optional<Time> sealed_at;
    Bytes root_hash;  // 32 bytes once sealed
};

struct NewConnection {
    ConnectionId id;  // a fresh one; names the recording too
    std::string device_name;
    std::string protocol;  // "http"
};

// Writes pam.connect. The row's time is the Moment's; give the same to RecordingInfo. `by` must
// name the person's factor. Refuses denied "connection.wrong_permit" (not for a visit under a
// grant, or for another session than `by`), expired "connection.permit_over".
[[nodiscard]] Result<Connection> open_connection(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const NewConnection& wanted,
    const audit::Actor& by
);

struct Closing {
    std::string cause;  // policy::to_text(CutCause), "idle", "logout", "device_closed", …
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t exchanges = 0;
};

// Writes pam.disconnect. What is closed already stays as it is. An unknown id is a fault, here and
// below.
void close_connection(
    store::Tx& tx,
    const Moment& moment,
    const ConnectionId& id,
    const Closing& closing,
    const audit::Actor& by
);

// rec.started: the recorder took the recording on.
void record_started(
    store::Tx& tx, const Moment& moment, const ConnectionId& id, const audit::Actor& by
);
// rec.sealed, and the row's root hash. Once; sealing again is a no-op.
void record_sealed(
    store::Tx& tx,
    const Moment& moment,
    const ConnectionId& id,
    BytesView root_hash,
    const audit::Actor& by
);

// Frames of a recording that are not there, or were not recorded.
struct LostFrames {
    std::uint64_t from = 0;
    std::uint64_t to = 0;  // 0: how far is unknown
    std::string cause;     // "lost", "missing", …
};

// rec.gap.
void record_gap(
    store::Tx& tx,
    const Moment& moment,
    const ConnectionId& id,
    const LostFrames& lost,
    const audit::Actor& by
);

// Why somebody looks, and the step-up that allowed it.
struct Access {
    std::string reason;       // the person's own words; cut by the audit log if they are too long
    std::string step_up_ref;  // the id of the stepup.success event; empty where none is needed
};

// rec.viewed, before the first frame is shown.
void record_viewed(
    store::Tx& tx,
    const Moment& moment,
    const ConnectionId& id,
    const Access& access,
    const audit::Actor& by
);

struct Export {
    std::string format;       // "har"
    std::string destination;  // "download", "file", …
    std::uint64_t rows = 0;   // how many exchanges leave; which recording is the event's object
};

// rec.exported, before the first byte leaves.
void record_exported(
    store::Tx& tx,
    const Moment& moment,
    const ConnectionId& id,
    const Export& what,
    const Access& access,
    const audit::Actor& by
);
// rec.integrity_failed: what was found first (Problem::what) and at which frame.
void record_integrity_failed(
    store::Tx& tx,
    const Moment& moment,
    const ConnectionId& id,
    const std::string& what,
    std::uint64_t sequence,
    const audit::Actor& by
);

struct ConnectionFilter {
    std::optional<AccountId> account;
    std::optional<DeviceId> device;
    std::optional<SealState> state;
    std::optional<Time> from;                          // opened at or after
    std::optional<Time> until;                         // opened before
    std::optional<store::Place<ConnectionId>> after;   // further back than this visit; for paging
    std::size_t count_max = store::page_rows_default;  // of a page
};

// Newest first.
[[nodiscard]] store::Page<Connection> list_connections(
    store::Tx& tx, const ConnectionFilter& filter
);
[[nodiscard]] std::optional<Connection> find_connection(store::Tx& tx, const ConnectionId& id);
// Whether the session, one of this account, has opened a visit, `since` or later.
[[nodiscard]] bool has_opened_visit(
    store::Tx& tx, const AccountId& account, const SessionId& session, Time since
);

namespace detail {

// What the manifest says of a visit that the last run left unsealed.
struct Settlement {
    SealState state = SealState::missing;
    Bytes root_hash;  // none if it is missing
    Closing closing;
    Time closed_at;
};

// For settle_recordings(): closes the row if it is open, and seals it.
void settle_connection(
    store::Tx& tx,
    const Moment& moment,
    const Connection& connection,
    const Settlement& settlement,
    const audit::Actor& by
);

}  // namespace detail

}  // namespace sallyport::recording
