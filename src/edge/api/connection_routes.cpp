#include "edge/api/connection_routes.h"

#include "domain/audit/log.h"
#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace sallyport::api {

namespace {

using policy::Permission;

nlohmann::json to_json(const gateway::OpenVisit& visit) {
    return {
        {"id", visit.connection.text()},
        {"login_name", visit.login_name},
        {"device", visit.device_name},
        {"grant", visit.grant.text()},
        {"opened_at", to_text(visit.opened_at)},
        {"ends_at", to_text(visit.ends_at)},
        {"exchanges", visit.exchanges},
        {"bytes_to_device", visit.to_device_bytes},
        {"bytes_from_device", visit.from_device_bytes},
    };
}

Html visits_table(const std::vector<gateway::OpenVisit>& visits, const session::Session& session) {
    Html body(
        "<table><thead><tr><th>Who</th><th>Device</th><th>Since</th><th>Until</th><th>Requests</th>"
        "<th><span class=\"hidden\">What to do</span></th></tr></thead><tbody>"
    );
    for (const auto& visit : visits) {
        body.add(
            "<tr><td>",
            visit.login_name,
            "</td><td>",
            visit.device_name,
            "</td><td>",
            shown(visit.opened_at),
            "</td><td>",
            shown(visit.ends_at),
            "</td><td>",
            visit.exchanges,
            "</td><td>",
            button_form("/api/connections/" + visit.connection.text() + "/end", "End", session),
            "</td></tr>"
        );
    }
    return body.add("</tbody></table>");
}

// Ending a visit is on record before it is cut, whoever watched.
Result<Reply> end_visit(store::Tx& tx, const Call& call, const gateway::HttpGateway& gateway) {
    SP_TRY(const auto id, path_id<ConnectionId>(call, 0));
    const auto visits = gateway.list();
    const bool open =
        std::ranges::find(visits, id, &gateway::OpenVisit::connection) != visits.end();
    if (!open) return refuse(Refusal::not_found, "connection.not_open");

    auto event = audit::event_by(call.actor, "pam.live_monitor", "end", "connection:" + id.text());
    event.fields.push_back({"mode", std::string("terminate")});
    audit::append(tx, call.moment, event);
    auto reply = done({{"ended", id.text()}}, "/connections");
    reply.after.ended_connections.push_back(id);
    return reply;
}

}  // namespace

std::vector<Route> connection_routes(Services& /*services*/, const gateway::HttpGateway& gateway) {
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = "/api/connections",
         .access = Access::session,
         .permission = Permission::connection_watch,
         .event = "-",
         .handler = [&gateway](store::Tx&, const Call&) -> Result<Reply> {
             auto json = nlohmann::json::array();
             for (const auto& visit : gateway.list()) {
                 json.push_back(to_json(visit));
             }
             return answer({{"connections", json}});
         },
         .activity = Activity::background}
    );
    routes.push_back(
        {.method = "GET",
         .path = "/connections",
         .access = Access::session,
         .permission = Permission::connection_watch,
         .event = "-",
         .handler = [&gateway](store::Tx&, const Call& call) -> Result<Reply> {
             const auto body = visits_table(gateway.list(), *call.session);
             return answer_page(page("Open visits", body, call.session, &call.policy));
         }}
    );
    routes.push_back(
        {.method = "POST",
         .path = "/api/connections/{id}/end",
         .access = Access::session,
         .permission = Permission::connection_watch,
         .step_up = StepUp::yes,
         .event = "pam.live_monitor",
         .kind = Kind::write,
         .handler =
             [&gateway](store::Tx& tx, const Call& call) { return end_visit(tx, call, gateway); },
         .in_alarm = InAlarm::allowed}
    );
    return routes;
}

}  // namespace sallyport::api
