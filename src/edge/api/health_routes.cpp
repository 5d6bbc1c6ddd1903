#include "edge/api/health_routes.h"

#include "domain/authn/mail_outbox.h"
#include "edge/api/answers.h"
#include "edge/api/pages/console_view.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/scripts.h"

#include <nlohmann/json.hpp>

#include <string_view>

namespace sallyport::api {

namespace {

constexpr std::string_view script_type = "text/javascript; charset=utf-8";
constexpr std::string_view style_type = "text/css; charset=utf-8";

Route asset(std::string_view path, std::string_view type, std::string_view text) {
    return {
        .method = "GET",
        .path = path,
        .access = Access::open,
        .event = "-",
        .handler = [type, text](store::Tx&, const Call&) -> Result<Reply> {
            Reply reply;
            reply.json = text;
            reply.content_type = type;
            return reply;
        }
    };
}

}  // namespace

std::vector<Route> health_routes(Services& services) {
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = "/health/live",
         .access = Access::open,
         .event = "-",
         .handler = [](store::Tx&, const Call&) -> Result<Reply> {
             return answer({{"live", true}});
         }}
    );
    // Ready means that a change could be recorded now: the store answered, the log is trustworthy.
    routes.push_back(
        {.method = "GET",
         .path = "/health/ready",
         .access = Access::open,
         .event = "-",
         .handler = [&services](store::Tx& tx, const Call& call) -> Result<Reply> {
             const bool store_answers = tx.query("SELECT 1").size() == 1;
             const bool ready = store_answers && !services.read_only.load() &&
                                call.moment.clock != ClockState::behind;
             // Told, and not a reason to send people elsewhere.
             const bool stuck = authn::is_mail_stuck(tx, call.moment);
             return answer({{"ready", ready}, {"mail_stuck", stuck}}, ready ? 200 : 503);
         }}
    );
    routes.push_back(asset("/assets/style.css", style_type, style_sheet()));
    routes.push_back(asset("/assets/wire.js", script_type, wire_script()));
    routes.push_back(asset("/assets/browser_keys.js", script_type, browser_keys_script()));
    routes.push_back(asset("/assets/sender_key.js", script_type, sender_key_script()));
    routes.push_back(asset("/assets/handoff.js", script_type, handoff_script()));
    routes.push_back(asset("/assets/security_key.js", script_type, security_key_script()));
    routes.push_back(asset("/assets/session_watch.js", script_type, session_watch_script()));
    routes.push_back(asset("/assets/push_waiting.js", script_type, push_waiting_script()));
    routes.push_back(asset("/assets/badge_waiting.js", script_type, badge_waiting_script()));
    routes.push_back(asset("/ui/console.css", style_type, console_style()));
    routes.push_back(asset("/ui/console.js", script_type, console_script()));
    return routes;
}

}  // namespace sallyport::api
