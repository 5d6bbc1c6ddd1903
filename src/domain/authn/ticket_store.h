#pragma once
// What enrolment asks of tickets.

#include "domain/authn/ticket.h"

#include <optional>

namespace sallyport::authn {

// Uses the ticket up. Refuses denied "ticket.unknown", "ticket.used", "ticket.revoked",
// "ticket.expired": for the log, not for whoever shows it.
[[nodiscard]] Result<Ticket> use_ticket(
    store::Tx& tx, const Moment& moment, const keys::KeyRing& keys, const crypto::Secret& canonical
);
[[nodiscard]] std::optional<AccountId> issuer_of(store::Tx& tx, const TicketId& id);

}  // namespace sallyport::authn
