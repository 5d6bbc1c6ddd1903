#pragma once
// Enrolment tickets: how somebody else lets a person enrol alone. A ticket is for one account,
// works once and says nothing about the account. Whoever issued it is on the row, for separation of
// duties. Those of recovery are made by recovery_ticket.h.

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
    first,     // a pending account gets its first factors
    reset,     // of earlier versions, by one person alone; none is issued or taken any more
    recovery,  // lost factors, with two people: nothing changes before it is used
};

[[nodiscard]] std::string_view to_text(TicketKind kind) noexcept;

// waiting: its time has not come yet.
enum class TicketState : std::uint8_t { open, used, revoked, expired, waiting };

[[nodiscard]] std::string_view to_text(TicketState state) noexcept;

struct Ticket {
    TicketId id;
    AccountId account;
    TicketKind kind;
    TicketState state;
    std::optional<AccountId> issued_by;  // none: the server's host
    Time issued_at;
    Time starts_at;
    Time ends_at;
};

struct IssuedTicket {
    Ticket ticket;
    crypto::Secret code;  // text, shown once to the issuer, who hands it over
};

struct TicketRequest {
    AccountId account;
    std::chrono::seconds life = ticket_life_max;
};

// Issues a first ticket; earlier open ones of the account are revoked. Whoever has enrolled once
// gets no other from one person alone (docs/adr/0010). Permission and step-up are the caller's, and
// so is governance::note_factor_custody. Refuses not_found "account.unknown", conflict
// "ticket.account_state" (not pending), denied "ticket.own_account", invalid "ticket.lifetime", and
// what require_identity_proofing() refuses. Writes ticket.issued.
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
// Whatever could still lead to new factors of this account ends: open tickets and the enrolment
// under way. Returns how many tickets. Writes cred.revoked for each.
std::size_t revoke_all_tickets(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& actor
);
[[nodiscard]] std::optional<Ticket> find_ticket(
    store::Tx& tx, const Moment& moment, const TicketId& id
);
[[nodiscard]] std::vector<Ticket> list_tickets(
    store::Tx& tx, const Moment& moment, const AccountId& account
);

}  // namespace sallyport::authn
