#pragma once
// "This wasn't me": what a person reports about their own account, with the events that they could
// mean, for whoever looks after such reports. Reporting takes away and gives nothing, so it asks
// for no fresh proof: a recovery of the account that is under way is refused and its tickets end.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/page.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/audit/log.h"
#include "domain/policy/permit.h"
#include "domain/policy/policy.h"
#include "domain/session/session.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::governance {

inline constexpr std::size_t incident_text_max = 1000;  // bytes of what is said, or of a reason
inline constexpr std::size_t incident_events_max = 50;  // attached
inline constexpr std::int64_t open_incidents_max = 5;   // of one account

struct Incident {
    IncidentId id;
    AccountId account;
    std::string said;
    Time opened_at;
    std::int64_t sessions_ended;
    std::optional<AccountId> closed_by;
    std::optional<Time> closed_at;
    std::string close_reason;
};

enum class OtherSessions : std::uint8_t { leave, end };

struct ReportedIncident {
    Incident incident;
    std::vector<SessionId> sessions_ended;  // for the caller to cut
};

// By the account's holder, from `session`, which goes on. Attaches the account's latest events
// about signing in, sessions, authenticators, recovery and visits, by reference. Refuses invalid
// "incident.text_malformed", throttled "incident.too_many_open". Writes incident.reported and
// detect.alert, session.terminated for each other session, and what refuse_own_recovery() writes.
[[nodiscard]] Result<ReportedIncident> report_incident(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const session::Session& session,
    const std::string& said,
    OtherSessions others,
    const audit::Actor& holder
);

// Takes a Permit for incident_close. Refuses denied "incident.wrong_permit", "incident.own_report",
// not_found "incident.unknown" (also of an account that the actor's scope does not reach), conflict
// "incident.closed", invalid "incident.reason_malformed" (1 to incident_text_max bytes). Writes
// incident.closed; the holder is told the reason.
[[nodiscard]] Result<Incident> close_incident(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const IncidentId& id,
    const std::string& reason,
    const audit::Actor& actor
);

[[nodiscard]] std::optional<Incident> find_incident(store::Tx& tx, const IncidentId& id);
// The same for somebody of `scope`: none where that does not reach the account (user_admin.h).
[[nodiscard]] std::optional<Incident> find_incident(
    store::Tx& tx, const IncidentId& id, std::string_view scope
);
// The attached events, newest first.
[[nodiscard]] std::vector<audit::Entry> incident_events(store::Tx& tx, const IncidentId& id);

struct IncidentFilter {
    // Written out, so that a caller may name only the conditions it asks for.
    bool open = false;            // those that nobody closed
    std::string reached_by = {};  // of accounts that this scope reaches; empty: all
    std::optional<store::Place<IncidentId>> after = {};  // opened before this one; for paging
    std::size_t count_max = store::page_rows_default;    // of a page
};

// Newest first.
[[nodiscard]] store::Page<Incident> list_incidents(store::Tx& tx, const IncidentFilter& filter);

}  // namespace sallyport::governance
