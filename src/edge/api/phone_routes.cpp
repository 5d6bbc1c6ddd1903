#include "edge/api/phone_routes.h"

#include "domain/authn/push/own_phones.h"
#include "domain/authn/push/phone_address.h"
#include "domain/authn/push/push_attempt.h"
#include "domain/authn/push/vapid.h"
#include "domain/governance/push_alarm.h"
#include "edge/api/answers.h"
#include "edge/api/held_question.h"
#include "edge/api/open_route.h"
#include "edge/api/pages/phone_pages.h"
#include "edge/api/pages/scripts.h"
#include "edge/http/set_cookie.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using policy::Permission;

// Browsers keep a cookie for 400 days at most; it is given anew with each answer.
constexpr std::chrono::days phone_cookie_age_max{400};

Result<Bytes> bytes_in(const Input& input, std::string_view name) {
    SP_TRY(const auto text, input.required(name));
    auto bytes = from_base64url(text);
    if (!bytes) return refuse(Refusal::invalid, "input.malformed", std::string(name));
    return bytes;
}

std::string phone_cookie_header(BytesView token) {
    return http::host_cookie(
        phone_cookie, to_base64url(token), http::SameSite::strict, phone_cookie_age_max
    );
}

Handler begin_phone(const authn::Context& authn) {
    return [own = authn::OwnPhones(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto label, call.input.required("label"));
        SP_TRY(
            const auto begun, own.begin(tx, call.moment, call.session->account, label, call.actor)
        );
        return answer(
            {
                {"id", begun.id.text()},
                {"challenge", to_base64url(begun.challenge)},
                {"training_version", authn::push_training_version},
            },
            201
        );
    };
}

Handler prove_phone(const Services& services, const authn::Context& authn) {
    return [own = authn::OwnPhones(authn),
            origin = services.site.origin()](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto id, path_id<AuthenticatorId>(call, 0));
        SP_TRY(auto public_key, bytes_in(call.input, "public_key"));
        SP_TRY(auto signature, bytes_in(call.input, "signature"));
        SP_TRY(const auto training_read, call.input.integer("training_read"));
        const authn::OwnPhones::NewPhone phone{
            .public_key = std::move(public_key),
            .signature = std::move(signature),
            .origin = origin,
            .training_read = training_read,
        };
        SP_TRY(
            const auto token,
            own.finish(tx, call.moment, call.session->account, id, phone, call.actor)
        );
        auto reply = answer({{"active", id.text()}}, 201);
        reply.cookies.push_back(phone_cookie_header(token.expose()));
        return reply;
    };
}

Handler answer_question(const Services& services) {
    return [origin = services.site.origin()](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto token, phone_token(call.request));
        const auto& input = call.input;
        SP_TRY(
            const auto given,
            authn::parse_push_answer(
                input.text("attempt"),
                input.text("decision"),
                input.text("number"),
                input.text("signature")
            )
        );
        const auto taken =
            authn::answer_push(tx, call.moment, token, given, origin, call.actor.where);
        governance::raise_push_alerts(tx, call.moment, call.policy, taken.alerts);
        SP_CHECK(taken.result);
        auto reply = answer({{"answered", authn::to_text(given.decision)}});
        reply.cookies.push_back(phone_cookie_header(token));
        return reply;
    };
}

Handler set_address(const Services& services) {
    return [&services](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto token, phone_token(call.request));
        SP_TRY(const auto json, call.input.required("subscription"));
        SP_TRY(const auto subscription, authn::parse_push_subscription(json, services.push.hosts));
        SP_CHECK(authn::set_phone_address(
            tx, call.moment, services.keys, token, subscription, call.actor.where
        ));
        return answer({{"host", subscription.endpoint.host}});
    };
}

// What subscriptions are bound to (RFC 8292 §4); empty where no push service may be used.
std::string sender_key(const Services& services) {
    if (services.push.hosts.empty()) return {};
    return to_base64url(authn::vapid_key(services.keys).public_point());
}

Route own_route(
    std::string_view method, std::string_view path, std::string_view event, Handler handler
) {
    const bool changes = method != "GET";
    return {
        .method = method,
        .path = path,
        .access = Access::session,
        .permission = changes ? Permission::self_manage : Permission::self_read,
        .step_up = changes ? StepUp::yes : StepUp::no,
        .event = event,
        .kind = changes ? Kind::write : Kind::read,
        .handler = std::move(handler),
    };
}

Route asset(std::string_view path, std::string_view content_type, std::string_view text) {
    return {
        .method = "GET",
        .path = path,
        .access = Access::open,
        .event = "-",
        .handler = [=](store::Tx&, const Call&) -> Result<Reply> {
            Reply reply;
            reply.json = text;
            reply.content_type = content_type;
            return reply;
        },
    };
}

}  // namespace

Result<Bytes> phone_token(const http::Request& request) {
    const auto text = http::cookie(request, phone_cookie);
    auto token = text ? from_base64url(*text) : Result<Bytes>(Bytes());
    if (!token || token->empty()) return refuse(Refusal::unauthenticated, "push.phone_unknown");
    return token;
}

std::vector<Route> phone_routes(Services& services, const authn::Context& authn) {
    std::vector<Route> routes;
    routes.push_back(own_route(
        "GET",
        "/security/phone",
        "-",
        [](store::Tx&, const Call& call) -> Result<Reply> {
            return answer_page(enrol_phone_page(*call.session, call.policy, call.moment.now));
        }
    ));
    routes.push_back(
        own_route("POST", "/api/self/authenticators/push", "cred.issued", begin_phone(authn))
    );
    routes.push_back(own_route(
        "POST", "/api/self/authenticators/{id}/prove", "cred.bound", prove_phone(services, authn)
    ));
    routes.push_back(
        {.method = "GET",
         .path = "/phone/question",
         .access = Access::open,
         .event = "-",
         .handler = [key = sender_key(services)](store::Tx&, const Call&) -> Result<Reply> {
             return answer_page(question_page(key));
         }}
    );
    routes.push_back(open_form("/api/phone/address", "cred.push_address_set", set_address(services))
    );
    const auto held = std::make_shared<HeldQuestion>(services);
    routes.push_back(
        {.method = "GET",
         .path = "/api/phone/question",
         .access = Access::open,
         .event = "-",
         .long_handler = [held](LongCall call) { return held->wait(std::move(call)); },
         .activity = Activity::background}
    );
    routes.push_back(
        {.method = "POST",
         .path = "/api/phone/answer",
         .access = Access::open,
         .event = "authn.push_approved",
         .kind = Kind::write,
         .handler = answer_question(services),
         .in_alarm = InAlarm::allowed}
    );
    constexpr std::string_view script_type = "text/javascript; charset=utf-8";
    routes.push_back(asset("/assets/phone.js", script_type, phone_script()));
    routes.push_back(asset("/phone/worker.js", script_type, phone_worker_script()));
    routes.push_back(asset("/phone/manifest.json", "application/manifest+json", phone_manifest()));
    routes.push_back(asset("/phone/icon.svg", "image/svg+xml", phone_icon()));
    return routes;
}

}  // namespace sallyport::api
