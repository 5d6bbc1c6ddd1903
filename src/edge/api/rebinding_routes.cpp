#include "edge/api/rebinding_routes.h"

#include "domain/authn/key_rebinding.h"
#include "edge/api/answers.h"
#include "edge/api/explain.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/key_json.h"
#include "edge/api/open_route.h"
#include "edge/api/pages/key_form.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/problem.h"
#include "edge/api/pages/sender_key_field.h"
#include "edge/api/signed_in.h"
#include "edge/http/set_cookie.h"

#include <nlohmann/json.hpp>

#include <string_view>
#include <utility>

namespace sallyport::api {

namespace {

constexpr std::string_view rebinding_cookie = "__Host-sallyport-new-key";
constexpr std::string_view page_path = "/sign-in/new-key";

Reply new_key_page(const http::Request& request, const Refusal* why) {
    const auto token = form_token(request);
    const Html body(
        problem_above(why),
        "<p>Your recovery code was right. Your role asks for a security key or passkey: bring a "
        "new "
        "one now, within 15 minutes. The code is used up when that is done, and then you are "
        "signed "
        "in. Remove the key that you lost under Your security.</p>",
        key_form(
            KeyCeremony::enrolment,
            "/api/sign-in/new-key",
            "Use a new security key or passkey",
            Html(
                "<input type=\"hidden\" name=\"csrf\" value=\"",
                token.value,
                "\">",
                sender_key_field()
            )
        ),
        "<p><small>If nothing happens here, use a browser that knows security keys, and a page "
        "that "
        "it trusts.</small></p>"
    );
    auto reply = answer_page(page("A new security key", body));
    if (why != nullptr) reply.status = explain(*why).status;
    if (!token.set_cookie.empty()) reply.cookies.push_back(token.set_cookie);
    return reply;
}

Result<Bytes> token_of(const http::Request& request) {
    auto token = flow_token(request, rebinding_cookie);
    if (!token) return refuse(Refusal::expired, "rebinding.over");
    return token;
}

Handler offer_key(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto token, token_of(call.request));
        SP_TRY(
            const auto creation,
            authn::KeyRebinding(authn).offer_key(
                tx, call.moment, call.policy, token, call.actor.where
            )
        );
        return answer(key_creation_json(authn.relying_party, authn.issuer, creation));
    };
}

Handler finish(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        auto tried = [&]() -> Result<Reply> {
            SP_TRY(const auto token, token_of(call.request));
            SP_TRY(const auto key, new_key_in(call.input));
            SP_CHECK(sender_key_in(call.input));  // before the recovery code is used up
            SP_TRY(
                auto proof,
                authn::KeyRebinding(authn).finish(
                    tx, call.moment, call.policy, token, key, call.actor.where
                )
            );
            return open_session(tx, call, std::move(proof));
        }();
        if (tried) tried->cookies.push_back(http::expired_host_cookie(rebinding_cookie));
        const bool again = !tried && tried.error().kind == Refusal::invalid;
        if (call.input.is_json() || !again) return tried;
        return new_key_page(call.request, &tried.error());
    };
}

}  // namespace

Reply lead_to_new_key(const crypto::Secret& token) {
    auto reply = done({{"next", "new_key"}}, std::string(page_path));
    reply.cookies.push_back(flow_cookie_header(rebinding_cookie, token));
    reply.cookies.push_back(http::expired_host_cookie(sign_in_cookie));
    return reply;
}

std::vector<Route> rebinding_routes(const authn::Context& authn) {
    std::vector<Route> routes;
    routes.push_back(open_page(page_path, [](store::Tx&, const Call& call) -> Result<Reply> {
        return new_key_page(call.request, nullptr);
    }));
    routes.push_back(
        open_form("/api/sign-in/new-key/options", "cred.enrolment_started", offer_key(authn))
    );
    routes.push_back(open_form("/api/sign-in/new-key", "cred.bound", finish(authn)));
    return routes;
}

}  // namespace sallyport::api
