#include "domain/governance/recovery_steps.h"

#include "domain/audit/log.h"
#include "domain/authn/ticket.h"
#include "domain/governance/recovery_store.h"

#include <utility>

namespace sallyport::governance {

audit::Event event_about(
    const audit::Actor& actor, std::string_view type, std::string verb, const RecoveryCase& recovery
) {
    auto event =
        audit::event_by(actor, type, std::move(verb), "account:" + recovery.account.text());
    event.fields = {
        {.name = "recovery_id", .value = recovery.id.text()},
        {.name = "origin", .value = std::string(to_text(recovery.origin))},
    };
    if (recovery.opened_by) {
        event.fields.push_back({.name = "agent", .value = recovery.opened_by->text()});
    }
    return event;
}

bool is_over(store::Tx& tx, const Moment& moment, const RecoveryCase& recovery) {
    if (recovery.state != RecoveryState::open && recovery.state != RecoveryState::approved) {
        return true;
    }
    if (!recovery.ticket) return moment.now >= recovery.ends_at;
    const auto ticket = authn::find_ticket(tx, moment, *recovery.ticket);
    return !ticket || ticket->state == authn::TicketState::expired ||
           ticket->state == authn::TicketState::revoked;
}

void lapse(store::Tx& tx, const Moment& moment, RecoveryCase recovery) {
    recovery.state = RecoveryState::lapsed;
    write_recovery(tx, recovery);
    audit::append(
        tx,
        moment,
        event_about(audit::system_actor("recovery-timer"), "recovery.lapsed", "lapse", recovery)
    );
}

Result<void> require_none_running(store::Tx& tx, const Moment& moment, const AccountId& account) {
    auto running = running_recovery(tx, account);
    if (!running) return {};
    if (!is_over(tx, moment, *running)) {
        return refuse(Refusal::conflict, "recovery.already_open");
    }
    lapse(tx, moment, *std::move(running));
    return {};
}

}  // namespace sallyport::governance
