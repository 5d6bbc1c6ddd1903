#include "edge/api/incident_routes.h"

#include "domain/audit/log.h"
#include "domain/directory/account.h"
#include "domain/governance/incident.h"
#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"
#include "edge/api/paging.h"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using governance::Incident;
using policy::Permission;

constexpr std::string_view page_path = "/incidents";

std::string login_name(store::Tx& tx, const AccountId& id) {
    const auto account = directory::find_account(tx, id);
    return account ? account->login_name.text() : id.text();
}

nlohmann::json to_json(store::Tx& tx, const Incident& incident) {
    nlohmann::json json{
        {"id", incident.id.text()},
        {"login_name", login_name(tx, incident.account)},
        {"said", incident.said},
        {"opened_at", to_text(incident.opened_at)},
        {"sessions_ended", incident.sessions_ended},
        {"state", incident.closed_at ? "closed" : "open"},
    };
    if (incident.closed_by) json["closed_by"] = login_name(tx, *incident.closed_by);
    if (incident.closed_at) json["closed_at"] = to_text(*incident.closed_at);
    if (incident.closed_at) json["close_reason"] = incident.close_reason;
    return json;
}

IncidentId id_of(const Incident& incident) {
    return incident.id;
}

// Of people whom the caller's scope does not reach there is nothing to see.
Result<store::Page<Incident>> wanted_incidents(store::Tx& tx, const Call& call) {
    const auto& input = call.input;
    governance::IncidentFilter filter;
    filter.reached_by = call.session->scope;
    if (const auto state = input.text("state"); !state.empty()) {
        if (state != "open") return refuse(Refusal::invalid, "incident.state_unknown", "state");
        filter.open = true;
    }
    if (const auto after = input.text("after"); !after.empty()) {
        SP_TRY(const auto id, IncidentId::parse(after));
        const auto incident = governance::find_incident(tx, id, call.session->scope);
        if (!incident) return refuse(Refusal::not_found, "incident.unknown");
        filter.after = {incident->opened_at, incident->id};
    }
    SP_TRY(filter.count_max, rows_wanted(input));
    return governance::list_incidents(tx, filter);
}

Result<Reply> report(store::Tx& tx, const Call& call) {
    const bool end = call.input.text("end_sessions") == "yes";
    SP_TRY(
        const auto reported,
        governance::report_incident(
            tx,
            call.moment,
            call.policy,
            *call.session,
            call.input.text("said"),
            end ? governance::OtherSessions::end : governance::OtherSessions::leave,
            call.actor
        )
    );
    auto reply = answer(to_json(tx, reported.incident), 201);
    const Html body(
        "<p id=\"reported\">Your report is with those who look after such things, together with "
        "what happened on your account lately. A recovery of your account that was under way is "
        "refused. ",
        reported.incident.sessions_ended,
        " other sign-ins were ended.</p><p>If somebody may know your passphrase or has your "
        "authenticator, remove it under <a href=\"/security\">Your security</a> now.</p>"
    );
    reply.page = page("Reported", body, call.session, &call.policy);
    for (const auto& session : reported.sessions_ended) {
        reply.after.ended_sessions.emplace_back(session, policy::CutCause::session_ended);
    }
    return reply;
}

Result<Reply> list(store::Tx& tx, const Call& call) {
    SP_TRY(const auto incidents, wanted_incidents(tx, call));
    auto json = nlohmann::json::array();
    for (const auto& each : incidents) {
        json.push_back(to_json(tx, each));
    }
    nlohmann::json body{{"incidents", json}};
    if (const auto next = next_of(incidents, id_of)) body["next"] = *next;
    return answer(body);
}

// Whoever looks at somebody's events leaves an event, here as under Audit.
void append_viewed(store::Tx& tx, const Call& call, const Incident& incident, std::size_t rows) {
    auto event =
        audit::event_by(call.actor, "audit.viewed", "view", "incident:" + incident.id.text());
    event.fields = {{.name = "rows", .value = static_cast<std::int64_t>(rows)}};
    audit::append(tx, call.moment, event);
}

Html close_form(const Incident& incident, const Call& call) {
    const auto* const role = call.policy.role(call.session->role);
    const bool may = role != nullptr &&
                     role->permissions.test(static_cast<std::size_t>(Permission::incident_close));
    if (!may || incident.closed_at || incident.account == call.session->account) return {};
    return Html(
        step_up_note(
            *call.session, call.policy, call.moment.now, "/incidents/" + incident.id.text()
        ),
        "<form method=\"post\" action=\"/api/incidents/",
        incident.id.text(),
        "/close\">",
        csrf_field(*call.session),
        input_field(
            "What came of it (the person is told)", "reason", "text", "required maxlength=\"1000\""
        ),
        "<button>Close the report</button></form>"
    );
}

std::string detail_page(
    store::Tx& tx,
    const Call& call,
    const Incident& incident,
    const std::vector<audit::Entry>& events
) {
    Html body(
        "<p>",
        login_name(tx, incident.account),
        ", ",
        shown(incident.opened_at),
        ", ",
        incident.sessions_ended,
        " other sign-ins ended</p><blockquote id=\"said\">",
        incident.said.empty() ? Text("(nothing was written)") : Text(incident.said),
        "</blockquote>"
    );
    if (incident.closed_at) {
        body.add(
            "<p class=\"note\">Closed ",
            shown(*incident.closed_at),
            " by ",
            login_name(tx, incident.closed_by.value()),
            ": ",
            incident.close_reason,
            "</p>"
        );
    }
    body.add(
        "<h2>What happened on the account before</h2><table><thead><tr><th>When</th><th>What</th>"
        "<th>By</th><th>From</th><th>Outcome</th></tr></thead><tbody>"
    );
    for (const auto& event : events) {
        body.add(
            "<tr><td>",
            shown(event.at),
            "</td><td>",
            event.type,
            "</td><td>",
            event.account_name.empty() ? event.system : event.account_name,
            "</td><td>",
            event.source,
            "</td><td>",
            event.outcome,
            "</td></tr>"
        );
    }
    body.add("</tbody></table>", close_form(incident, call));
    return page("Report", body, call.session, &call.policy);
}

Result<Reply> detail(store::Tx& tx, const Call& call) {
    SP_TRY(const auto id, path_id<IncidentId>(call, 0));
    const auto incident = governance::find_incident(tx, id, call.session->scope);
    if (!incident) return refuse(Refusal::not_found, "incident.unknown");
    const auto events = governance::incident_events(tx, id);
    append_viewed(tx, call, *incident, events.size());
    auto json = to_json(tx, *incident);
    json["events"] = nlohmann::json::array();
    for (const auto& event : events) {
        json["events"].push_back({
            {"id", event.id.text()},
            {"at", to_text(event.at)},
            {"type", event.type},
            {"by", event.account_name.empty() ? event.system : event.account_name},
            {"source", event.source},
            {"outcome", event.outcome},
        });
    }
    auto reply = answer(json);
    reply.page = detail_page(tx, call, *incident, events);
    return reply;
}

Result<Reply> close(store::Tx& tx, const Call& call) {
    SP_TRY(const auto id, path_id<IncidentId>(call, 0));
    SP_TRY(const auto reason, call.input.required("reason"));
    SP_TRY(
        const auto closed,
        governance::close_incident(tx, call.moment, *call.permit, id, reason, call.actor)
    );
    return done(to_json(tx, closed), std::string(page_path));
}

Result<Reply> incidents_page(store::Tx& tx, const Call& call) {
    SP_TRY(const auto incidents, wanted_incidents(tx, call));
    Html body(
        "<table><thead><tr><th>When</th><th>Whose account</th><th>What they said</th>"
        "<th>State</th></tr></thead><tbody>"
    );
    for (const auto& each : incidents) {
        body.add(
            "<tr><td><a href=\"/incidents/",
            each.id.text(),
            "\">",
            shown(each.opened_at),
            "</a></td><td>",
            login_name(tx, each.account),
            "</td><td>",
            each.said,
            "</td><td>",
            each.closed_at ? Text("closed") : Text("open"),
            "</td></tr>"
        );
    }
    const auto next = next_of(incidents, id_of);
    body.add(
        "</tbody></table>",
        next_page_link(page_path, call.input, {"state", "count"}, next, "Older reports")
    );
    return answer_page(page("Reports", body, call.session, &call.policy));
}

Route look(std::string_view path, std::string_view event, Kind kind, Handler handler) {
    return {
        .method = "GET",
        .path = path,
        .access = Access::session,
        .permission = Permission::incident_read,
        .event = event,
        .kind = kind,
        .handler = std::move(handler),
    };
}

}  // namespace

Html report_form(const session::Session& session) {
    return Html(
        "<h2 id=\"report\">Something is wrong</h2><p>You see a sign-in, a change or a notice that "
        "was not you, "
        "or something is lost. Say so: it is looked into, and nothing happens to you for it."
        "</p><form method=\"post\" action=\"/api/self/incidents\">",
        csrf_field(session),
        input_field("What you noticed (may be empty)", "said", "text", "maxlength=\"1000\""),
        "<label><input type=\"checkbox\" name=\"end_sessions\" value=\"yes\" checked> End "
        "everything else that is signed in as me</label>",
        "<button>This wasn't me</button></form>"
    );
}

std::vector<Route> incident_routes() {
    std::vector<Route> routes;
    routes.push_back(
        {.method = "POST",
         .path = "/api/self/incidents",
         .access = Access::session,
         .permission = Permission::self_manage,
         .event = "incident.reported",
         .kind = Kind::write,
         .handler = report,
         .in_alarm = InAlarm::allowed}
    );
    routes.push_back(look(page_path, "-", Kind::read, incidents_page));
    routes.push_back(look("/api/incidents", "-", Kind::read, list));
    routes.push_back(look("/incidents/{id}", "audit.viewed", Kind::write, detail));
    routes.push_back(look("/api/incidents/{id}", "audit.viewed", Kind::write, detail));
    for (auto& route : routes) {
        if (route.event == "audit.viewed") route.in_alarm = InAlarm::allowed;
    }
    routes.push_back(
        {.method = "POST",
         .path = "/api/incidents/{id}/close",
         .access = Access::session,
         .permission = Permission::incident_close,
         .step_up = StepUp::yes,
         .event = "incident.closed",
         .kind = Kind::write,
         .handler = close}
    );
    return routes;
}

}  // namespace sallyport::api
