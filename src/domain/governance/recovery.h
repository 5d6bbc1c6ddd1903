#pragma once
// Recovery of an account by the help desk (S1-29): asked for by an agent who made sure who is
// calling, let through by a second person, finished by the account's holder alone.
//
//   open → approved → completed, when the holder has enrolled anew
//   open → refused
//   open → lapsed after recovery_open_max; approved → lapsed when its ticket is over
//
// Nothing of the account changes before its holder uses the ticket; until then nobody is shut out
// by a false call. The holder is told on their own pages at each step. There are no knowledge
// questions: nothing that is asked could be found out about a person.
//
// Agent, approver and holder are three persons (not only three accounts), and neither of the first
// two holds the other's factors. Agent and approver are remembered as factor custodians: for
// policy.separation they decide on no grant of that account.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/keys/key_ring.h"
#include "base/store/page.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/recovery_ticket.h"
#include "domain/policy/permit.h"
#include "domain/policy/policy.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::governance {

inline constexpr std::chrono::hours recovery_open_max{24};
inline constexpr std::size_t recovery_text_max = 500;  // bytes of a note or a reason

// How the agent made sure who is calling. The manager's word alone is not enough.
enum class CallerCheck : std::uint8_t {
    called_back,     // on the number on record, not on one that the caller gave
    card_in_person,  // identity card seen
    card_on_video,
    manager_confirmed,
};

[[nodiscard]] std::string_view to_text(CallerCheck check) noexcept;
[[nodiscard]] std::optional<CallerCheck> caller_check(std::string_view text) noexcept;

enum class RecoveryOrigin : std::uint8_t { help_desk, host };
enum class RecoveryState : std::uint8_t { open, approved, refused, completed, lapsed };

[[nodiscard]] std::string_view to_text(RecoveryOrigin origin) noexcept;
[[nodiscard]] std::string_view to_text(RecoveryState state) noexcept;

struct RecoveryCase {
    RecoveryId id;
    AccountId account;
    RecoveryOrigin origin;
    std::vector<CallerCheck> checks;  // none for Origin::host
    std::string note;
    std::optional<AccountId> opened_by;  // none: the server's host
    Time opened_at;
    Time ends_at;  // lapses then, while it is open; the host's ticket begins then
    RecoveryState state;
    std::optional<AccountId> decided_by;
    std::optional<Time> decided_at;
    std::string decision_reason;
    std::optional<TicketId> ticket;
};

struct RecoveryRequest {
    AccountId account;
    std::vector<CallerCheck> checks;
    std::string note;  // 0 to recovery_text_max bytes: the help desk's own number, for one
};

struct OpenedRecovery {
    RecoveryCase recovery;
    crypto::Secret agent_code;  // for the agent to read to the caller; worth nothing alone
};

// Takes a Permit for recovery_open. Refuses denied "recovery.wrong_permit",
// "recovery.actor_not_active", "recovery.own_account", "user.other_scope"; invalid
// "recovery.check_missing" (none of the strong ones), "recovery.note_malformed"; not_found
// "user.unknown"; conflict "recovery.already_open"; and what authn::check_recoverable() refuses.
// Writes recovery.requested, and authz.denied for a case about oneself.
[[nodiscard]] Result<OpenedRecovery> open_recovery(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const keys::KeyRing& keys,
    const policy::Permit& permit,
    const RecoveryRequest& wanted,
    const audit::Actor& actor
);

struct ApprovedRecovery {
    RecoveryCase recovery;
    Time ticket_ends_at;
    // For the approver to give to the holder, on a way that the agent did not use. None where the
    // host has it.
    std::optional<crypto::Secret> code;
};

// Takes a Permit for recovery_approve. Refuses denied "recovery.wrong_permit",
// "recovery.actor_not_active", "recovery.own_account", "recovery.own_case",
// "recovery.factor_issuer" (of agent and approver one issued the other's factors within
// policy.separation), "user.other_scope"; not_found "recovery.unknown"; conflict
// "recovery.not_open"; expired "recovery.over"; and what authn::issue_recovery_ticket() refuses.
// Writes ticket.issued, recovery.approved and override.admin, and authz.denied where who decides
// was the trouble.
[[nodiscard]] Result<ApprovedRecovery> approve_recovery(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const keys::KeyRing& keys,
    const policy::Permit& permit,
    const RecoveryId& id,
    const audit::Actor& actor
);

// Ends an open or approved case and its ticket: any holder of recovery_approve, the agent and the
// account's holder included, since it only takes away. Refuses denied "recovery.wrong_permit",
// "recovery.actor_not_active", "user.other_scope"; invalid "recovery.reason_malformed" (1 to
// recovery_text_max bytes); not_found "recovery.unknown"; conflict "recovery.not_open". Writes
// recovery.denied.
[[nodiscard]] Result<RecoveryCase> refuse_recovery(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const RecoveryId& id,
    const std::string& reason,
    const audit::Actor& actor
);

// The holder says that it was not them: their case, if there is one, is refused. Writes
// recovery.denied. Returns whether there was one.
bool refuse_own_recovery(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& holder
);

// Enrolment with this ticket is done. Nothing happens for tickets that no case knows.
void complete_recovery(store::Tx& tx, const Moment& moment, const TicketId& ticket);

[[nodiscard]] std::optional<RecoveryCase> find_recovery(store::Tx& tx, const RecoveryId& id);

struct RecoveryFilter {
    // Written out, so that a caller may name only the conditions it asks for.
    bool undecided = false;                              // open ones alone
    std::optional<store::Place<RecoveryId>> after = {};  // opened before this one; for paging
    std::size_t count_max = store::page_rows_default;    // of a page
};

// Newest first.
[[nodiscard]] store::Page<RecoveryCase> list_recoveries(
    store::Tx& tx, const RecoveryFilter& filter
);

// Writes recovery.lapsed, once each, for what nobody decided or used in time; at most 500 in one
// call. For a job every few seconds.
std::size_t sweep_recoveries(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::governance
