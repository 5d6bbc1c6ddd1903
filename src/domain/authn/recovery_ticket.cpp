#include "domain/authn/recovery_ticket.h"

#include "base/core/fault.h"
#include "domain/authn/identity_proofing.h"
#include "domain/authn/one_time_code.h"
#include "domain/authn/ticket_store.h"
#include "domain/directory/account.h"

namespace sallyport::authn {

using store::value;

AgentCode fresh_agent_code(const keys::KeyRing& keys, const AccountId& account) {
    auto code = fresh_one_time_code();
    const auto canonical = read_one_time_code(as_text(code.expose()));
    auto mac = mac_of_agent_code(keys, account, canonical.value());
    return {.code = std::move(code), .mac = std::move(mac)};
}

Result<void> check_recoverable(store::Tx& tx, const AccountId& id) {
    const auto account = directory::find_account(tx, id);
    if (!account) return refuse(Refusal::not_found, "account.unknown");
    if (!fits(TicketKind::recovery, account->state)) {
        return refuse(Refusal::conflict, "ticket.account_state");
    }
    return require_identity_proofing(tx, account->person, account->role);
}

Result<IssuedTicket> issue_recovery_ticket(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const AccountId& account,
    const Bytes& agent_mac,
    const audit::Actor& approver
) {
    if (!approver.who.account) throw Fault("a ticket is issued by nobody");
    SP_CHECK(check_recoverable(tx, account));
    const auto person = directory::find_account(tx, account)->person;
    const bool own = approver.who.account == account || approver.who.person == person;
    if (own) return refuse(Refusal::denied, "ticket.own_account");
    return insert_ticket(
        tx,
        moment,
        keys,
        {.account = account,
         .kind = TicketKind::recovery,
         .issued_by = approver.who.account,
         .agent_mac = agent_mac,
         .starts_at = moment.now,
         .ends_at = moment.now + recovery_ticket_life},
        approver
    );
}

Result<IssuedTicket> issue_waiting_ticket(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const AccountId& account,
    Time starts_at,
    const audit::Actor& host
) {
    SP_CHECK(check_recoverable(tx, account));
    return insert_ticket(
        tx,
        moment,
        keys,
        {.account = account,
         .kind = TicketKind::recovery,
         .issued_by = std::nullopt,
         .agent_mac = std::nullopt,
         .starts_at = starts_at,
         .ends_at = starts_at + recovery_ticket_life},
        host
    );
}

Result<Ticket> release_ticket(store::Tx& tx, const Moment& moment, const TicketId& id) {
    const auto ticket = find_ticket(tx, moment, id);
    if (!ticket || ticket->state != TicketState::waiting) {
        return refuse(Refusal::conflict, "ticket.not_open");
    }
    tx.execute(
        "UPDATE enrolment_ticket SET starts_at = ?, ends_at = ? WHERE id = ?",
        {value(moment.now), value(moment.now + recovery_ticket_life), value(id)}
    );
    return find_ticket(tx, moment, id).value();
}

}  // namespace sallyport::authn
