#include "edge/api/language_routes.h"

#include "edge/api/flow_cookie.h"
#include "edge/api/pages/language.h"
#include "edge/http/set_cookie.h"

#include <chrono>

namespace sallyport::api {

namespace {

constexpr std::chrono::hours cookie_age{365 * 24};

Result<Reply> choose(store::Tx& /*tx*/, const Call& call) {
    const auto chosen = language_by_tag(call.input.text("to"));
    if (!chosen) return refuse(Refusal::invalid, "language.unknown", "to");
    Reply reply;
    reply.location = safe_next(call.input.text("next"));
    reply.cookies.push_back(
        http::host_cookie(language_cookie, language_tag(*chosen), http::SameSite::lax, cookie_age)
    );
    return reply;
}

}  // namespace

std::vector<Route> language_routes() {
    return {
        {.method = "GET",
         .path = "/language",
         .access = Access::open,
         .event = "-",
         .handler = choose},
    };
}

}  // namespace sallyport::api
