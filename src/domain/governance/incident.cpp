#include "domain/governance/incident.h"

#include "domain/authn/person_notice.h"
#include "domain/authn/ticket.h"
#include "domain/directory/account.h"
#include "domain/directory/text_rules.h"
#include "domain/governance/alert.h"
#include "domain/governance/recovery.h"
#include "domain/governance/user_admin.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace sallyport::governance {

using store::value;

namespace {

using policy::Permission;

// What a person could recognise, or not, as their own doing.
constexpr auto attached_types = std::to_array<std::string_view>({
    "authn.",
    "stepup.",
    "session.",
    "cred.",
    "recovery.",
    "ticket.",
    "handoff.",
    "pam.connect",
    "pam.disconnect",
});

constexpr std::size_t events_looked_at = 300;  // of each kind, for what there is to attach

constexpr std::string_view columns =
    "SELECT id, account_id, said, opened_at, sessions_ended, closed_by, closed_at, close_reason "
    "FROM incident ";

Incident read_row(const store::Row& row) {
    return {
        .id = row.id<IncidentId>(0),
        .account = row.id<AccountId>(1),
        .said = row.text(2),
        .opened_at = row.time(3),
        .sessions_ended = row.integer(4),
        .closed_by = row.maybe_id<AccountId>(5),
        .closed_at = row.maybe_time(6),
        .close_reason = row.text(7),
    };
}

Result<void> check_report(store::Tx& tx, const AccountId& account, const std::string& said) {
    const bool clean = said.empty() || directory::is_clean_text(said, 1, incident_text_max);
    if (!clean) return refuse(Refusal::invalid, "incident.text_malformed");
    const auto rows = tx.query(
        "SELECT COUNT(*) FROM incident WHERE account_id = ? AND closed_at IS NULL", {value(account)}
    );
    if (rows.front().integer(0) >= open_incidents_max) {
        return refuse(Refusal::throttled, "incident.too_many_open");
    }
    return {};
}

bool is_attached(const audit::Entry& event) {
    return std::ranges::any_of(attached_types, [&](auto prefix) {
        return event.type.starts_with(prefix);
    });
}

// By the account, and by others about it.
std::vector<audit::Entry> latest_events(store::Tx& tx, const AccountId& account) {
    audit::Filter by_account{.account = account};
    audit::Filter about_account{.object = "account:" + account.text()};
    std::vector<audit::Entry> found;
    for (auto* const filter : {&by_account, &about_account}) {
        filter->count_max = events_looked_at;
        for (auto& each : audit::list(tx, *filter)) {
            if (is_attached(each)) found.push_back(std::move(each));
        }
    }
    const auto newest_first = [](const audit::Entry& a, const audit::Entry& b) {
        return std::pair(b.at, b.id) < std::pair(a.at, a.id);
    };
    std::ranges::sort(found, newest_first);
    const auto twice = std::ranges::unique(found, {}, &audit::Entry::id);
    found.erase(twice.begin(), twice.end());
    const auto kept = std::min(found.size(), incident_events_max);
    found.erase(found.begin() + static_cast<std::ptrdiff_t>(kept), found.end());
    return found;
}

void attach(store::Tx& tx, const IncidentId& id, const std::vector<audit::Entry>& events) {
    for (const auto& event : events) {
        tx.execute(
            "INSERT INTO incident_event (incident_id, event_id) VALUES (?, ?)",
            {value(id), value(event.id)}
        );
    }
}

std::vector<SessionId> end_others(
    store::Tx& tx, const Moment& moment, const session::Session& kept, const audit::Actor& holder
) {
    std::vector<SessionId> ended;
    for (const auto& each : session::list_open(tx, kept.account)) {
        if (each.root() == kept.root()) continue;
        if (session::end(tx, moment, each, session::EndCause::revocation, holder)) {
            ended.push_back(each.id);
        }
    }
    return ended;
}

}  // namespace

Result<ReportedIncident> report_incident(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const session::Session& session,
    const std::string& said,
    OtherSessions others,
    const audit::Actor& holder
) {
    SP_CHECK(check_report(tx, session.account, said));
    // Before this report's own events come on top of them.
    const auto events = latest_events(tx, session.account);
    std::vector<SessionId> ended;
    if (others == OtherSessions::end) ended = end_others(tx, moment, session, holder);
    refuse_own_recovery(tx, moment, session.account, holder);
    authn::revoke_all_tickets(tx, moment, session.account, holder);

    Incident incident{
        .id = IncidentId::fresh(moment.now, moment.random),
        .account = session.account,
        .said = said,
        .opened_at = moment.now,
        .sessions_ended = static_cast<std::int64_t>(ended.size()),
        .closed_by = std::nullopt,
        .closed_at = std::nullopt,
        .close_reason = {},
    };
    tx.execute(
        "INSERT INTO incident (id, account_id, said, opened_at, sessions_ended, close_reason) "
        "VALUES (?, ?, ?, ?, ?, '')",
        {value(incident.id),
         value(incident.account),
         incident.said,
         value(incident.opened_at),
         incident.sessions_ended}
    );
    attach(tx, incident.id, events);

    auto event =
        audit::event_by(holder, "incident.reported", "report", "incident:" + incident.id.text());
    event.fields = {
        {.name = "events", .value = static_cast<std::int64_t>(events.size())},
        {.name = "sessions_ended", .value = incident.sessions_ended},
        {.name = "said", .value = said, .personal = true},
    };
    audit::append(tx, moment, event);
    const Alert alert{
        .rule = "incident.reported",
        .severity = "high",
        .object = "account:" + session.account.text(),
        .whose_task = Permission::incident_close,
        .besides = session.account,
        .scope = session.scope,
        .notice = authn::NoticeKind::incident_reported,
        .subject = session.login_name,
    };
    raise_alert(tx, moment, policy, alert);
    return ReportedIncident{.incident = std::move(incident), .sessions_ended = std::move(ended)};
}

Result<Incident> close_incident(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const IncidentId& id,
    const std::string& reason,
    const audit::Actor& actor
) {
    const bool fits =
        permit.action() == Permission::incident_close && actor.who.account == permit.account();
    if (!fits) return refuse(Refusal::denied, "incident.wrong_permit");
    if (!directory::is_clean_text(reason, 1, incident_text_max)) {
        return refuse(Refusal::invalid, "incident.reason_malformed");
    }
    // The Permit was made from a session in memory; the row is what counts by now.
    const auto closer = directory::find_account(tx, permit.account());
    auto incident = closer ? find_incident(tx, id, closer->scope) : std::nullopt;
    if (!incident) return refuse(Refusal::not_found, "incident.unknown");
    const auto holder = directory::find_account(tx, incident->account);
    if (!holder || holder->person == actor.who.person) {
        return refuse(Refusal::denied, "incident.own_report");
    }
    if (incident->closed_at) return refuse(Refusal::conflict, "incident.closed");

    incident->closed_by = permit.account();
    incident->closed_at = moment.now;
    incident->close_reason = reason;
    tx.execute(
        "UPDATE incident SET closed_by = ?, closed_at = ?, close_reason = ? "
        "WHERE id = ? AND closed_at IS NULL",
        {value(incident->closed_by), value(incident->closed_at), reason, value(id)}
    );
    auto event = audit::event_by(actor, "incident.closed", "close", "incident:" + id.text());
    event.fields = {{.name = "why", .value = reason}};
    audit::append(tx, moment, event);
    authn::notify(tx, moment, incident->account, authn::NoticeKind::incident_closed, reason);
    return *std::move(incident);
}

std::optional<Incident> find_incident(store::Tx& tx, const IncidentId& id) {
    const auto rows = tx.query(std::string(columns) + "WHERE id = ?", {value(id)});
    if (rows.empty()) return std::nullopt;
    return read_row(rows.front());
}

std::optional<Incident> find_incident(store::Tx& tx, const IncidentId& id, std::string_view scope) {
    auto incident = find_incident(tx, id);
    const auto holder = incident ? directory::find_account(tx, incident->account) : std::nullopt;
    if (!holder || !reaches(scope, holder->scope)) return std::nullopt;
    return incident;
}

std::vector<audit::Entry> incident_events(store::Tx& tx, const IncidentId& id) {
    std::vector<audit::Entry> events;
    for (const auto& row :
         tx.query("SELECT event_id FROM incident_event WHERE incident_id = ?", {value(id)})) {
        if (auto event = audit::find(tx, row.id<EventId>(0))) events.push_back(*std::move(event));
    }
    std::ranges::sort(events, [](const audit::Entry& a, const audit::Entry& b) {
        return std::pair(b.at, b.id) < std::pair(a.at, a.id);
    });
    return events;
}

store::Page<Incident> list_incidents(store::Tx& tx, const IncidentFilter& filter) {
    auto sql = std::string(columns) + "WHERE 1 = 1";
    std::vector<store::Value> values;
    if (filter.open) sql += " AND closed_at IS NULL";
    // As reaches() has it.
    if (!filter.reached_by.empty() && filter.reached_by != "both") {
        sql += " AND account_id IN (SELECT id FROM account WHERE scope IN (?, 'both'))";
        values.emplace_back(filter.reached_by);
    }
    if (filter.after) {
        sql += " AND (opened_at, id) < (?, ?)";
        values.push_back(value(filter.after->at));
        values.push_back(value(filter.after->id));
    }
    sql += " ORDER BY opened_at DESC, id DESC LIMIT ?";
    values.emplace_back(store::page_limit(filter.count_max));
    std::vector<Incident> found;
    for (const auto& row : tx.query(sql, values)) {
        found.push_back(read_row(row));
    }
    return store::page_of(std::move(found), filter.count_max);
}

}  // namespace sallyport::governance
