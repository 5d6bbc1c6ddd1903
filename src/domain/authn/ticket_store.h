#pragma once
// What enrolment asks of tickets.

#include "domain/authn/ticket.h"
#include "domain/directory/account.h"

#include <optional>

namespace sallyport::authn {

// The codes as they were typed, in their one spelling.
struct ShownTicket {
    crypto::Secret code;
    std::optional<crypto::Secret> agent_code;  // looked at where the ticket asks for one
};

// Uses the ticket up. Refuses denied "ticket.unknown", "ticket.used", "ticket.revoked",
// "ticket.expired", "ticket.waiting", "ticket.agent_code_wrong" (not used up): for the log, not for
// whoever shows it.
[[nodiscard]] Result<Ticket> use_ticket(
    store::Tx& tx, const Moment& moment, const keys::KeyRing& keys, const ShownTicket& shown
);

struct NewTicket {
    AccountId account;
    TicketKind kind;
    std::optional<AccountId> issued_by;
    std::optional<Bytes> agent_mac;
    Time starts_at;
    Time ends_at;
};

// Whether an account in this state can be given a ticket of this kind.
[[nodiscard]] bool fits(TicketKind kind, directory::AccountState state);
// Writes the row and ticket.issued; earlier open tickets and the enrolment under way end.
[[nodiscard]] IssuedTicket insert_ticket(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const NewTicket& wanted,
    const audit::Actor& actor
);
[[nodiscard]] Bytes mac_of_agent_code(
    const keys::KeyRing& keys, const AccountId& account, const crypto::Secret& canonical
);
[[nodiscard]] std::optional<AccountId> issuer_of(store::Tx& tx, const TicketId& id);

}  // namespace sallyport::authn
