#include "edge/api/push_sign_in_routes.h"

#include "domain/authn/push/push_sign_in.h"
#include "domain/governance/push_alarm.h"
#include "edge/api/answers.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/push_waiting.h"
#include "edge/api/pages/sender_key_field.h"
#include "edge/api/push_sender.h"
#include "edge/api/signed_in.h"
#include "edge/api/workstation_routes.h"
#include "edge/http/await.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;

std::string waiting_path(std::string_view next) {
    return "/sign-in/push?next=" + http::percent_encoded(safe_next(next));
}

Html hidden_fields(std::string_view form_token, std::string_view next) {
    return Html(
        "<input type=\"hidden\" name=\"csrf\" value=\"",
        form_token,
        "\"><input type=\"hidden\" name=\"next\" value=\"",
        safe_next(next),
        "\">"
    );
}

// Asks, and wakes the phones once that is committed.
class AskPhone {
public:
    AskPhone(Services& services, const authn::Context& authn)
        : services_(services), push_(authn), sender_(services) {}

    asio::awaitable<Result<Reply>> submit(LongCall call) {
        SP_CO_TRY(const auto token, flow_token(call.request, sign_in_cookie));
        const auto moment = services_.moments.now();
        const auto policy = services_.policy.get();
        auto ask = [&](store::Tx& tx) {
            auto asked = push_.ask(tx, moment, token, call.actor.where);
            if (asked) governance::raise_push_alerts(tx, moment, *policy, asked->alerts);
            return asked;
        };
        auto asked = co_await http::write(services_.database, std::move(ask));
        if (!asked) co_return std::unexpected(asked.error());
        sender_.send(std::move(asked->wake));
        co_return done(to_json(asked->waiting), waiting_path(call.input.text("next")));
    }

private:
    Services& services_;
    authn::PushSignIn push_;
    PushSender sender_;
};

Handler show_waiting(const authn::Context& authn) {
    return [push = authn::PushSignIn(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto token, flow_token(call.request, sign_in_cookie));
        SP_TRY(const auto waiting, push.waiting(tx, call.moment, token));
        const auto next = call.input.text("next");
        const auto form = form_token(call.request);
        const bool settled = waiting.approved || call.moment.now >= waiting.ends_at;
        auto reply = answer(to_json(waiting, settled));
        if (settled) {
            const Html fields(hidden_fields(form.value, next), sender_key_field());
            reply.page =
                page("Second step", push_settled(waiting, "/api/sign-in/push/finish", fields));
        } else {
            const auto code_path = "/sign-in/code?next=" + http::percent_encoded(safe_next(next));
            const auto body = push_waiting(waiting, code_path);
            reply.page = page("Second step", body, nullptr, nullptr, ask_again_soon());
        }
        if (!form.set_cookie.empty()) reply.cookies.push_back(form.set_cookie);
        return reply;
    };
}

Handler finish(const authn::Context& authn) {
    return [push = authn::PushSignIn(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto token, flow_token(call.request, sign_in_cookie));
        const auto where = with_workstation(tx, call.request, call.actor.where, call.moment.now);
        SP_TRY(auto proof, push.submit(tx, call.moment, call.policy, token, where));
        if (!proof) {
            return done({{"waiting", true}}, waiting_path(call.input.text("next")), 202);
        }
        return open_session(tx, call, *std::move(proof));
    };
}

Route open_route(
    std::string_view method, std::string_view path, std::string_view event, Handler handler
) {
    return {
        .method = method,
        .path = path,
        .access = Access::open,
        .event = event,
        .kind = method == "GET" ? Kind::read : Kind::write,
        .handler = std::move(handler),
        .in_alarm = InAlarm::allowed,
    };
}

}  // namespace

Html ask_phone_form(std::string_view form_token, std::string_view next) {
    return Html(
        "<form method=\"post\" action=\"/api/sign-in/push\">",
        hidden_fields(form_token, next),
        "<button>Ask my phone</button></form>"
    );
}

std::vector<Route> push_sign_in_routes(Services& services, const authn::Context& authn) {
    std::vector<Route> routes;
    const auto asking = std::make_shared<AskPhone>(services, authn);
    routes.push_back(open_route("POST", "/api/sign-in/push", "authn.push_sent", nullptr));
    routes.back().long_handler = [asking](LongCall call) {
        return asking->submit(std::move(call));
    };
    routes.push_back(open_route("GET", "/sign-in/push", "-", show_waiting(authn)));
    routes.push_back(open_route("POST", "/api/sign-in/push/finish", "authn.success", finish(authn))
    );
    return routes;
}

}  // namespace sallyport::api
