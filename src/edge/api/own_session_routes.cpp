#include "edge/api/own_session_routes.h"

#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace sallyport::api {

namespace {

using policy::Permission;

// Those of device hosts end with their sign-in, and are not told apart from it here.
std::vector<session::Session> own_sign_ins(store::Tx& tx, const Call& call) {
    auto sessions = session::list_open(tx, call.session->account);
    std::erase_if(sessions, [](const session::Session& each) { return each.parent.has_value(); });
    for (auto& each : sessions) {
        // The store hears of it some seconds late.
        if (each.id == call.session->id) each.last_active_at = call.session->last_active_at;
    }
    return sessions;
}

Text channel_words(session::Channel channel) {
    return channel == session::Channel::cli ? Text("command line") : Text("browser");
}

std::string place_words(const session::Session& session) {
    return session.zone == "unzoned" ? session.source : session.source + ", " + session.zone;
}

Html row(const session::Session& each, const session::Session& current) {
    Html html(
        "<tr><td>",
        place_words(each),
        each.id == current.root() ? Html(" <strong>(this one)</strong>") : Html(),
        "</td><td>",
        channel_words(each.channel),
        each.limited ? Html(", limited") : Html(),
        "</td><td>",
        each.factor.amr,
        "</td><td>",
        shown(each.created_at),
        "</td><td>",
        shown(each.last_active_at),
        "</td><td>",
        shown(each.ends_at),
        "</td><td>",
        button_form("/api/self/sessions/" + each.id.text() + "/end", "End", current),
        "</td></tr>"
    );
    return html;
}

Result<Reply> list(store::Tx& tx, const Call& call) {
    auto json = nlohmann::json::array();
    for (const auto& each : own_sign_ins(tx, call)) {
        json.push_back({
            {"id", each.id.text()},
            {"current", each.id == call.session->root()},
            {"channel", session::to_text(each.channel)},
            {"source", each.source},
            {"zone", each.zone},
            {"limited", each.limited},
            {"factor", each.factor.amr},
            {"created_at", to_text(each.created_at)},
            {"last_active_at", to_text(each.last_active_at)},
            {"ends_at", to_text(each.ends_at)},
        });
    }
    return answer({{"sessions", json}});
}

Result<Reply> end_others(store::Tx& tx, const Call& call) {
    auto ended = nlohmann::json::array();
    AfterCommit after;
    for (const auto& each : own_sign_ins(tx, call)) {
        if (each.id == call.session->root()) continue;  // of a child: what it hangs on
        if (!session::end(tx, call.moment, each, session::EndCause::logout, call.actor)) continue;
        ended.push_back(each.id.text());
        after.ended_sessions.emplace_back(each.id, policy::CutCause::logout);
    }
    auto reply = done({{"ended", ended}}, "/security");
    reply.after = std::move(after);
    return reply;
}

}  // namespace

Html own_sessions(store::Tx& tx, const Call& call) {
    Html html(
        "<h2>Where you are signed in</h2><table id=\"sessions\"><thead><tr><th>From</th>"
        "<th>Through</th><th>Factor</th><th>Since</th><th>Last used</th><th>Until</th><th><span "
        "class=\"hidden\">Actions</span></th></tr></thead><tbody>"
    );
    const auto sessions = own_sign_ins(tx, call);
    for (const auto& each : sessions) {
        html.add(row(each, *call.session));
    }
    html.add("</tbody></table>");
    if (sessions.size() > 1) {
        html.add(
            "<p>", button_form("/api/self/sessions/end-others", "End all others", *call.session)
        );
        html.add("</p>");
    }
    return html;
}

std::vector<Route> own_session_routes() {
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = "/api/self/sessions",
         .access = Access::session,
         .permission = Permission::self_read,
         .event = "-",
         .handler = list}
    );
    // Only takes away, and who does it may be in a hurry: nothing fresh is asked for.
    routes.push_back(
        {.method = "POST",
         .path = "/api/self/sessions/end-others",
         .access = Access::session,
         .permission = Permission::self_manage,
         .event = "session.terminated",
         .kind = Kind::write,
         .handler = end_others,
         .in_alarm = InAlarm::allowed}
    );
    return routes;
}

}  // namespace sallyport::api
