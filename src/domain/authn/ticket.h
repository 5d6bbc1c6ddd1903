#pragma once
// Enrolment tickets: how somebody else lets a person enrol alone. A ticket is for one account,
// works once and says nothing about the account. Whoever issued it is on the row, for separation of
// duties.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sallyport::authn {

inline constexpr std::chrono::seconds ticket_life_min = std::chrono::minutes(15);
inline constexpr std::chrono::seconds ticket_life_max = std::chrono::hours(24);

enum class TicketKind : std::uint8_t {
    first,  // a pending account gets its first factors
    reset,  // a lost factor: what is bound is suspended at once and revoked when enrolment ends
};

[[nodiscard]] std::string_view to_text(TicketKind kind) noexcept;

enum class TicketState : std::uint8_t { open, used, revoked, expired };

[[nodiscard]] std::string_view to_text(TicketState state) noexcept;

struct Ticket {
    TicketId id;
    AccountId account;
    TicketKind kind;
    TicketState state;
    AccountId issued_by;
    Time issued_at;
    Time ends_at;
};

struct IssuedTicket {
    Ticket ticket;
    crypto::Secret code;  // text, shown once to the issuer, who hands it over
};

struct TicketRequest {
    AccountId account;
    TicketKind kind = TicketKind::first;
    std::chrono::seconds life = ticket_life_max;
};

// Issues a ticket; earlier open ones of the account are revoked. Permission and step-up are the
// caller's, and so is governance::note_factor_custody and, for a reset, session::end_all. Refuses
// not_found "account.unknown", conflict "ticket.account_state" (first: not pending; reset: pending,
// disabled or gone), denied "ticket.own_account", invalid "ticket.lifetime", and what
// require_identity_proofing() refuses. Writes ticket.issued.
[[nodiscard]] Result<IssuedTicket> issue_ticket(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const TicketRequest& wanted,
    const audit::Actor& actor
);

// Refuses not_found "ticket.unknown", conflict "ticket.not_open". Writes cred.revoked.
[[nodiscard]] Result<void> revoke_ticket(
    store::Tx& tx, const Moment& moment, const TicketId& id, const audit::Actor& actor
);
[[nodiscard]] std::vector<Ticket> list_tickets(
    store::Tx& tx, const Moment& moment, const AccountId& account
);

}  // namespace sallyport::authn
