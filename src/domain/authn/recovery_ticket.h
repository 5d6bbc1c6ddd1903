#pragma once
// Enrolment tickets of a recovery (S1-29). What they open is asked for by one person and let
// through by another, so no one of them may hold what opens it:
//
//   the agent      sees one code when the case is opened, and reads it to the caller
//   the approver   sees the other when they approve, and gives it to the person another way
//
// Each code has 80 random bits and is worth nothing alone. A ticket that the server's host made has
// one code, and waits instead.

#include "base/core/bytes.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/ticket.h"

#include <chrono>

namespace sallyport::authn {

inline constexpr std::chrono::minutes recovery_ticket_life{15};

struct AgentCode {
    crypto::Secret code;  // text, shown once to the agent
    Bytes mac;            // what is kept of it; good for this account only
};

[[nodiscard]] AgentCode fresh_agent_code(const keys::KeyRing& keys, const AccountId& account);

// Whether the account can be recovered at all. Refuses not_found "account.unknown", conflict
// "ticket.account_state" (pending, disabled or gone), and what require_identity_proofing() refuses.
[[nodiscard]] Result<void> check_recoverable(store::Tx& tx, const AccountId& account);

// Good at once, for recovery_ticket_life, together with the agent's code. Refuses what
// check_recoverable() refuses, and denied "ticket.own_account". Writes ticket.issued.
[[nodiscard]] Result<IssuedTicket> issue_recovery_ticket(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const AccountId& account,
    const Bytes& agent_mac,
    const audit::Actor& approver
);

// With one code, good from `starts_at` on for recovery_ticket_life. Refuses what
// check_recoverable() refuses. Writes ticket.issued.
[[nodiscard]] Result<IssuedTicket> issue_waiting_ticket(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const AccountId& account,
    Time starts_at,
    const audit::Actor& host
);
// Its wait is over: good from now on for recovery_ticket_life. Refuses conflict "ticket.not_open".
[[nodiscard]] Result<Ticket> release_ticket(
    store::Tx& tx, const Moment& moment, const TicketId& id
);

}  // namespace sallyport::authn
