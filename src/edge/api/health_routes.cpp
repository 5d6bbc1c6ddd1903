#include "edge/api/health_routes.h"

#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/scripts.h"

#include <nlohmann/json.hpp>

#include <string_view>

namespace sallyport::api {

namespace {

Route script(std::string_view path, std::string_view text) {
    return {
        .method = "GET",
        .path = path,
        .access = Access::open,
        .event = "-",
        .handler = [text](store::Tx&, const Call&) -> Result<Reply> {
            Reply reply;
            reply.json = text;
            reply.content_type = "text/javascript; charset=utf-8";
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
             return answer({{"ready", ready}}, ready ? 200 : 503);
         }}
    );
    routes.push_back(
        {.method = "GET",
         .path = "/assets/style.css",
         .access = Access::open,
         .event = "-",
         .handler = [](store::Tx&, const Call&) -> Result<Reply> {
             Reply reply;
             reply.json = style_sheet();
             reply.content_type = "text/css; charset=utf-8";
             return reply;
         }}
    );
    routes.push_back(script("/assets/security_key.js", security_key_script()));
    routes.push_back(script("/assets/session_watch.js", session_watch_script()));
    return routes;
}

}  // namespace sallyport::api
