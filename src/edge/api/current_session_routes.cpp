#include "edge/api/current_session_routes.h"

#include "edge/api/answers.h"
#include "edge/api/badge_reader_routes.h"
#include "edge/api/router.h"
#include "edge/http/set_cookie.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <ranges>
#include <string_view>

namespace sallyport::api {

namespace {

using policy::Permission;

Result<Reply> sign_out(store::Tx& tx, const Call& call) {
    session::end(tx, call.moment, *call.session, session::EndCause::logout, call.actor);
    auto reply = done({{"signed_out", true}}, "/sign-in");
    reply.cookies.push_back(http::expired_host_cookie(session_cookie));
    reply.after.ended_sessions.emplace_back(call.session->id, policy::CutCause::logout);
    return reply;
}

std::int64_t seconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

// RFC 7519 §2.
std::int64_t numeric_date(Time time) {
    return seconds(time.time_since_epoch());
}

// RFC 8176: each once, in the order in which they were shown.
nlohmann::json methods_of(std::string_view amr) {
    auto methods = nlohmann::json::array();
    for (const auto part : amr | std::views::split('+')) {
        const nlohmann::json method(std::string_view{part});
        if (std::ranges::find(methods, method) == methods.end()) methods.push_back(method);
    }
    return methods;
}

Result<Reply> who_am_i(store::Tx& tx, const Call& call) {
    const auto& session = *call.session;
    const auto idle_left = session.idle_max - (call.moment.now - session.last_active_at);
    return answer({
        {"login_name", session.login_name},
        {"role", session.role},
        {"scope", session.scope},
        {"factor", session.factor.amr},
        {"signed_in_at", to_text(session.signed_in_at)},
        {"acr", policy::to_text(session.proven)},
        {"amr", methods_of(session.signed_in_amr)},
        {"auth_time", numeric_date(session.signed_in_at)},
        {"proof_time", numeric_date(session.last_proof_at)},
        {"ends_at", to_text(session.ends_at)},
        {"idle_seconds", seconds(session.idle_max)},
        // By this server's clock, so that a browser needs none.
        {"idle_left_seconds", seconds(idle_left)},
        {"left_seconds", seconds(session.ends_at - call.moment.now)},
        {"csrf", session.csrf_key},
        // Then the page watches for the badge to go (workstation_watch.h).
        {"badge_reader", has_badge_reader(tx, call.request, call.moment.now)},
    });
}

Route asking_who(std::string_view path, Activity activity) {
    return {
        .method = "GET",
        .path = path,
        .access = Access::session,
        .permission = Permission::self_read,
        .event = "-",
        .handler = who_am_i,
        .activity = activity,
    };
}

}  // namespace

std::vector<Route> current_session_routes() {
    std::vector<Route> routes;
    routes.push_back(
        {.method = "POST",
         .path = "/api/session/end",
         .access = Access::session,
         .permission = Permission::self_manage,
         .event = "session.terminated",
         .kind = Kind::write,
         .handler = sign_out,
         .in_alarm = InAlarm::allowed}
    );
    // Asking keeps nobody signed in; the second is a person's wish to stay.
    routes.push_back(asking_who("/api/session", Activity::background));
    routes.push_back(asking_who("/api/session/continue", Activity::person));
    return routes;
}

}  // namespace sallyport::api
