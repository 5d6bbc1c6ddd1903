#include "edge/api/session_routes.h"

#include "domain/governance/user_admin.h"
#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace sallyport::api {

namespace {

using policy::Permission;

std::string_view channel_text(session::Channel channel) {
    switch (channel) {
        case session::Channel::web:
            return "web";
        case session::Channel::cli:
            return "cli";
        case session::Channel::host:
            return "host";
    }
    return "unknown";
}

nlohmann::json to_json(const session::Session& session) {
    return {
        {"id", session.id.text()},
        {"login_name", session.login_name},
        {"role", session.role},
        {"channel", channel_text(session.channel)},
        {"host", session.host},
        {"factor", session.factor.amr},
        {"source", session.source},
        {"zone", session.zone},
        {"created_at", to_text(session.created_at)},
        {"last_active_at", to_text(session.last_active_at)},
        {"ends_at", to_text(session.ends_at)},
    };
}

bool may_end_others(const Call& call) {
    const auto* const role = call.policy.role(call.session->role);
    return role != nullptr &&
           role->permissions.test(static_cast<std::size_t>(Permission::session_end));
}

bool is_reached(const session::Session& session, const Call& call) {
    return governance::reaches(call.session->scope, session.scope);
}

// Everybody's whom the caller's scope reaches, for who may end them; else one's own.
std::vector<session::Session> sessions_shown(store::Tx& tx, const Call& call) {
    if (!may_end_others(call)) return session::list_open(tx, call.session->account);
    auto open = session::list_open(tx, std::nullopt);
    std::erase_if(open, [&](const session::Session& each) { return !is_reached(each, call); });
    return open;
}

Result<Reply> list(store::Tx& tx, const Call& call) {
    auto json = nlohmann::json::array();
    for (const auto& session : sessions_shown(tx, call)) {
        json.push_back(to_json(session));
    }
    return answer({{"sessions", json}});
}

Reply ended(const session::Session& session, policy::CutCause cause, std::string next) {
    auto reply = done({{"ended", session.id.text()}}, std::move(next));
    reply.after.ended_sessions.emplace_back(session.id, cause);
    return reply;
}

// One's own needs nothing fresh; somebody else's is another route with another permission.
Result<Reply> end_own(store::Tx& tx, const Call& call) {
    SP_TRY(const auto id, path_id<SessionId>(call, 0));
    const auto session = session::find(tx, id);
    if (!session || session->account != call.session->account) {
        return refuse(Refusal::not_found, "session.unknown");
    }
    session::end(tx, call.moment, *session, session::EndCause::logout, call.actor);
    const bool this_one = session->id == call.session->id;
    return ended(*session, policy::CutCause::logout, this_one ? "/sign-in" : "/security");
}

Result<Reply> end_any(store::Tx& tx, const Call& call) {
    SP_TRY(const auto id, path_id<SessionId>(call, 0));
    const auto session = session::find(tx, id);
    // Of another scope's people nobody learns whether they are signed in.
    if (!session || !is_reached(*session, call)) {
        return refuse(Refusal::not_found, "session.unknown");
    }
    session::end(tx, call.moment, *session, session::EndCause::admin, call.actor);
    return ended(*session, policy::CutCause::session_ended, "/sessions");
}

Result<Reply> sessions_page(store::Tx& tx, const Call& call) {
    Html body(
        "<table><thead><tr><th>Who</th><th>Role</th><th>Through</th><th>Factor</th><th>From</th>"
        "<th>Since</th><th>Last used</th><th>Until</th><th><span class=\"hidden\">Actions</span>"
        "</th></tr></thead><tbody>"
    );
    for (const auto& session : sessions_shown(tx, call)) {
        body.add(
            "<tr><td>",
            session.login_name,
            "</td><td>",
            session.role,
            "</td><td>",
            channel_text(session.channel),
            " ",
            session.host,
            "</td><td>",
            session.factor.amr,
            "</td><td>",
            session.source,
            " ",
            session.zone,
            "</td><td>",
            shown(session.created_at),
            "</td><td>",
            shown(session.last_active_at),
            "</td><td>",
            shown(session.ends_at),
            "</td><td>",
            button_form("/api/sessions/" + session.id.text() + "/end", "End", *call.session),
            "</td></tr>"
        );
    }
    body.add("</tbody></table>");
    return answer_page(page("Sessions", body, call.session, &call.policy));
}

}  // namespace

std::vector<Route> session_routes(Services& /*services*/) {
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = "/api/sessions",
         .access = Access::session,
         .permission = Permission::self_read,
         .event = "-",
         .handler = list}
    );
    routes.push_back(
        {.method = "POST",
         .path = "/api/self/sessions/{id}/end",
         .access = Access::session,
         .permission = Permission::self_manage,
         .event = "session.terminated",
         .kind = Kind::write,
         .handler = end_own,
         .in_alarm = InAlarm::allowed}
    );
    routes.push_back(
        {.method = "POST",
         .path = "/api/sessions/{id}/end",
         .access = Access::session,
         .permission = Permission::session_end,
         .step_up = StepUp::yes,
         .event = "session.terminated",
         .kind = Kind::write,
         .handler = end_any,
         .in_alarm = InAlarm::allowed}
    );
    routes.push_back(
        {.method = "GET",
         .path = "/sessions",
         .access = Access::session,
         .permission = Permission::session_end,
         .step_up = StepUp::yes,
         .event = "-",
         .handler = sessions_page}
    );
    return routes;
}

}  // namespace sallyport::api
