#include "domain/authn/ticket.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"
#include "base/crypto/crypto.h"
#include "domain/audit/log.h"
#include "domain/authn/identity_proofing.h"
#include "domain/authn/one_time_code.h"
#include "domain/authn/ticket_store.h"
#include "domain/directory/account.h"

#include <algorithm>
#include <array>

namespace sallyport::authn {

using store::value;

namespace {

using directory::AccountState;

constexpr std::array<std::string_view, 3> kind_texts = {"first", "reset", "recovery"};
constexpr std::array<std::string_view, 5> state_texts = {
    "open", "used", "revoked", "expired", "waiting"
};

constexpr std::string_view columns =
    "SELECT id, account_id, kind, issued_by, issued_at, ends_at, used_at, revoked_at, starts_at, "
    "agent_mac FROM enrolment_ticket ";

TicketState state_of(const store::Row& row, Time now) {
    if (!row.is_null(6)) return TicketState::used;
    if (!row.is_null(7)) return TicketState::revoked;
    if (now >= row.time(5)) return TicketState::expired;
    return now < row.time(8) ? TicketState::waiting : TicketState::open;
}

TicketKind read_kind(std::string_view text) {
    const auto* const found = std::ranges::find(kind_texts, text);
    if (found == kind_texts.end()) throw Fault("a ticket row has a kind that is not known");
    return static_cast<TicketKind>(found - kind_texts.begin());
}

Ticket read_row(const store::Row& row, Time now) {
    return {
        .id = row.id<TicketId>(0),
        .account = row.id<AccountId>(1),
        .kind = read_kind(row.text(2)),
        .state = state_of(row, now),
        .issued_by = row.maybe_id<AccountId>(3),
        .issued_at = row.time(4),
        .starts_at = row.time(8),
        .ends_at = row.time(5),
    };
}

Bytes mac_of_ticket(const keys::KeyRing& keys, const crypto::Secret& canonical) {
    return mac_of_code(keys, keys::Purpose::ticket_mac, "ticket", canonical);
}

Result<void> check_request(store::Tx& tx, const TicketRequest& wanted, const audit::Actor& actor) {
    if (wanted.life < ticket_life_min || wanted.life > ticket_life_max) {
        return refuse(Refusal::invalid, "ticket.lifetime");
    }
    const auto account = directory::find_account(tx, wanted.account);
    if (!account) return refuse(Refusal::not_found, "account.unknown");
    // Nobody hands a key to themselves: neither to this account nor to another of their own.
    const bool own = actor.who.account == wanted.account || actor.who.person == account->person;
    if (own) return refuse(Refusal::denied, "ticket.own_account");
    if (!fits(TicketKind::first, account->state)) {
        return refuse(Refusal::conflict, "ticket.account_state");
    }
    return require_identity_proofing(tx, account->person, account->role);
}

}  // namespace

std::string_view to_text(TicketKind kind) noexcept {
    return kind_texts[static_cast<std::size_t>(kind)];
}

std::string_view to_text(TicketState state) noexcept {
    return state_texts[static_cast<std::size_t>(state)];
}

bool fits(TicketKind kind, AccountState state) {
    if (kind == TicketKind::first) return state == AccountState::pending;
    return state == AccountState::active || state == AccountState::locked ||
           state == AccountState::suspended;
}

Bytes mac_of_agent_code(
    const keys::KeyRing& keys, const AccountId& account, const crypto::Secret& canonical
) {
    return mac_of_code(
        keys, keys::Purpose::ticket_mac, "recovery_agent:" + account.text(), canonical
    );
}

IssuedTicket insert_ticket(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const NewTicket& wanted,
    const audit::Actor& actor
) {
    tx.execute(
        "UPDATE enrolment_ticket SET revoked_at = ? "
        "WHERE account_id = ? AND used_at IS NULL AND revoked_at IS NULL",
        {value(moment.now), value(wanted.account)}
    );
    // Whatever enrolment was under way for this account ends with its ticket.
    tx.execute("DELETE FROM enrolment WHERE account_id = ?", {value(wanted.account)});

    auto code = fresh_one_time_code();
    const auto canonical = read_one_time_code(as_text(code.expose()));
    const Ticket ticket{
        .id = TicketId::fresh(moment.now, moment.random),
        .account = wanted.account,
        .kind = wanted.kind,
        .state = wanted.starts_at > moment.now ? TicketState::waiting : TicketState::open,
        .issued_by = wanted.issued_by,
        .issued_at = moment.now,
        .starts_at = wanted.starts_at,
        .ends_at = wanted.ends_at,
    };
    tx.execute(
        "INSERT INTO enrolment_ticket (id, account_id, kind, code_mac, agent_mac, issued_by, "
        "issued_at, starts_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {value(ticket.id),
         value(ticket.account),
         std::string(to_text(ticket.kind)),
         mac_of_ticket(keys, canonical.value()),
         wanted.agent_mac ? store::Value(*wanted.agent_mac) : store::Value(nullptr),
         value(ticket.issued_by),
         value(ticket.issued_at),
         value(ticket.starts_at),
         value(ticket.ends_at)}
    );
    auto event =
        audit::event_by(actor, "ticket.issued", "issue", "account:" + ticket.account.text());
    event.fields = {
        {.name = "ticket_id", .value = ticket.id.text()},
        {.name = "kind", .value = std::string(to_text(ticket.kind))},
        {.name = "until", .value = sallyport::to_text(ticket.ends_at)},
    };
    audit::append(tx, moment, event);
    return IssuedTicket{.ticket = ticket, .code = std::move(code)};
}

Result<IssuedTicket> issue_ticket(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const TicketRequest& wanted,
    const audit::Actor& actor
) {
    if (!actor.who.account) throw Fault("a ticket is issued by nobody");
    SP_CHECK(check_request(tx, wanted, actor));
    return insert_ticket(
        tx,
        moment,
        keys,
        {.account = wanted.account,
         .kind = TicketKind::first,
         .issued_by = actor.who.account,
         .agent_mac = std::nullopt,
         .starts_at = moment.now,
         .ends_at = moment.now + wanted.life},
        actor
    );
}

Result<void> revoke_ticket(
    store::Tx& tx, const Moment& moment, const TicketId& id, const audit::Actor& actor
) {
    const auto rows = tx.query(std::string(columns) + "WHERE id = ?", {value(id)});
    if (rows.empty()) return refuse(Refusal::not_found, "ticket.unknown");
    const auto ticket = read_row(rows.front(), moment.now);
    const bool alive = ticket.state == TicketState::open || ticket.state == TicketState::waiting;
    if (!alive) return refuse(Refusal::conflict, "ticket.not_open");
    tx.execute(
        "UPDATE enrolment_ticket SET revoked_at = ? WHERE id = ?", {value(moment.now), value(id)}
    );
    auto event =
        audit::event_by(actor, "cred.revoked", "revoke", "account:" + ticket.account.text());
    event.fields = {
        {.name = "authenticator_id", .value = id.text()},
        {.name = "type", .value = std::string("enrolment_ticket")},
    };
    audit::append(tx, moment, event);
    return {};
}

std::size_t revoke_all_tickets(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& actor
) {
    std::size_t count = 0;
    for (const auto& ticket : list_tickets(tx, moment, account)) {
        if (revoke_ticket(tx, moment, ticket.id, actor)) ++count;
    }
    tx.execute("DELETE FROM enrolment WHERE account_id = ?", {value(account)});
    return count;
}

std::optional<Ticket> find_ticket(store::Tx& tx, const Moment& moment, const TicketId& id) {
    const auto rows = tx.query(std::string(columns) + "WHERE id = ?", {value(id)});
    if (rows.empty()) return std::nullopt;
    return read_row(rows.front(), moment.now);
}

std::vector<Ticket> list_tickets(store::Tx& tx, const Moment& moment, const AccountId& account) {
    const auto rows = tx.query(
        std::string(columns) + "WHERE account_id = ? ORDER BY issued_at, id", {value(account)}
    );
    std::vector<Ticket> tickets;
    tickets.reserve(rows.size());
    for (const auto& row : rows) {
        tickets.push_back(read_row(row, moment.now));
    }
    return tickets;
}

Result<Ticket> use_ticket(
    store::Tx& tx, const Moment& moment, const keys::KeyRing& keys, const ShownTicket& shown
) {
    const auto rows =
        tx.query(std::string(columns) + "WHERE code_mac = ?", {mac_of_ticket(keys, shown.code)});
    if (rows.empty()) return refuse(Refusal::denied, "ticket.unknown");
    const auto ticket = read_row(rows.front(), moment.now);
    switch (ticket.state) {
        case TicketState::used:
            return refuse(Refusal::denied, "ticket.used");
        case TicketState::revoked:
            return refuse(Refusal::denied, "ticket.revoked");
        case TicketState::expired:
            return refuse(Refusal::denied, "ticket.expired");
        case TicketState::waiting:
            return refuse(Refusal::denied, "ticket.waiting");
        case TicketState::open:
            break;
    }
    if (!rows.front().is_null(9)) {
        const bool right =
            shown.agent_code &&
            crypto::constant_time_equal(
                BytesView(mac_of_agent_code(keys, ticket.account, *shown.agent_code)),
                BytesView(rows.front().blob(9))
            );
        if (!right) return refuse(Refusal::denied, "ticket.agent_code_wrong");
    }
    tx.execute(
        "UPDATE enrolment_ticket SET used_at = ? WHERE id = ?",
        {value(moment.now), value(ticket.id)}
    );
    return ticket;
}

std::optional<AccountId> issuer_of(store::Tx& tx, const TicketId& id) {
    const auto rows = tx.query("SELECT issued_by FROM enrolment_ticket WHERE id = ?", {value(id)});
    if (rows.empty()) return std::nullopt;
    return rows.front().maybe_id<AccountId>(0);
}

}  // namespace sallyport::authn
