#include "edge/api/passkey_routes.h"

#include "domain/authn/holder_verification.h"
#include "domain/authn/own_security_keys.h"
#include "domain/authn/passkey_sign_in.h"
#include "domain/authn/sign_in.h"
#include "domain/authn/step_up.h"
#include "edge/api/answers.h"
#include "edge/api/authenticator_words.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/key_json.h"
#include "edge/api/router.h"
#include "edge/api/signed_in.h"
#include "edge/api/workstation_routes.h"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using policy::Permission;

// What ties a challenge to the browser that asked for it: the token of its forms.
Result<Bytes> browser_of(const http::Request& request) {
    return flow_token(request, form_cookie);
}

Handler offer_passkey(const authn::Context& authn) {
    return [&authn](store::Tx&, const Call& call) -> Result<Reply> {
        const auto token = form_token(call.request);
        SP_TRY(const auto browser, from_base64url(token.value));
        const auto challenge = authn::PasskeySignIn(authn).offer(call.moment, browser);
        auto reply =
            answer(key_request_json(authn.relying_party, challenge, {}, UserVerification::required)
            );
        if (!token.set_cookie.empty()) reply.cookies.push_back(token.set_cookie);
        return reply;
    };
}

Handler sign_in_with_passkey(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto browser, browser_of(call.request));
        SP_TRY(const auto key, key_answer_in(call.input));
        SP_TRY(
            auto proof,
            authn::PasskeySignIn(authn).submit(
                tx, call.moment, call.policy, browser, key, call.actor.where
            )
        );
        return open_session(tx, call, std::move(proof));
    };
}

Handler offer_key(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto token, flow_token(call.request, sign_in_cookie));
        SP_TRY(const auto offer, authn::SignIn(authn).offer_key(tx, call.moment, token));
        // The same for every name: a key that can check its holder does where some role asks for
        // it.
        const auto verification = authn::verifies_some_holder(call.policy)
                                      ? UserVerification::preferred
                                      : UserVerification::discouraged;
        return answer(
            key_request_json(authn.relying_party, offer.challenge, offer.credentials, verification)
        );
    };
}

Handler second_form_with_key(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto token, flow_token(call.request, sign_in_cookie));
        SP_TRY(const auto key, key_answer_in(call.input));
        SP_TRY(
            auto proof,
            authn::SignIn(authn).submit_key(
                tx,
                call.moment,
                call.policy,
                token,
                key,
                with_workstation(tx, call.request, call.actor.where, call.moment.now)
            )
        );
        return open_session(tx, call, std::move(proof));
    };
}

Handler offer_step_up(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        const auto offer = authn::StepUp(authn).offer_key(
            tx,
            call.moment,
            call.policy,
            call.session->account,
            call.session->id,
            call.session->signed_in_amr
        );
        if (offer.credentials.empty()) return refuse(Refusal::not_found, "security_key.none");
        const auto verification =
            offer.user_verification ? UserVerification::required : UserVerification::discouraged;
        return answer(
            key_request_json(authn.relying_party, offer.challenge, offer.credentials, verification)
        );
    };
}

Handler step_up_with_key(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(auto key, key_answer_in(call.input));
        const authn::StepUp::Shown shown{
            .passphrase = std::nullopt, .code = {}, .key = std::move(key)
        };
        SP_TRY(
            auto proof,
            authn::StepUp(authn).finish(
                tx,
                call.moment,
                call.policy,
                call.session->account,
                shown,
                call.actor,
                call.session->signed_in_amr
            )
        );
        return renew_session(tx, call, std::move(proof));
    };
}

Handler offer_creation(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(
            const auto creation,
            authn::OwnSecurityKeys(authn).begin(
                tx,
                call.moment,
                call.policy,
                {call.session->account, call.session->id.bytes()},
                call.actor
            )
        );
        return answer(key_creation_json(authn.relying_party, authn.issuer, creation));
    };
}

Handler add_key(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto label, call.input.required("label"));
        SP_TRY(const auto key, new_key_in(call.input));
        SP_TRY(
            const auto added,
            authn::OwnSecurityKeys(authn).finish(
                tx,
                call.moment,
                call.policy,
                {call.session->account, call.session->id.bytes()},
                label,
                key,
                call.actor
            )
        );
        return answer(to_json(authn::find_authenticator(tx, added.id).value()), 201);
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

Route own_route(std::string_view path, std::string_view event, Handler handler) {
    return {
        .method = "POST",
        .path = path,
        .access = Access::session,
        .permission = Permission::self_manage,
        .step_up = StepUp::yes,
        .recovery_code_counts = true,
        .event = event,
        .kind = Kind::write,
        .handler = std::move(handler),
    };
}

}  // namespace

std::vector<Route> passkey_routes(const authn::Context& authn) {
    std::vector<Route> routes;
    routes.push_back(open_route("GET", "/api/sign-in/passkey", "-", offer_passkey(authn)));
    routes.push_back(
        open_route("POST", "/api/sign-in/passkey", "authn.success", sign_in_with_passkey(authn))
    );
    routes.push_back(open_route("GET", "/api/sign-in/key", "-", offer_key(authn)));
    routes.push_back(
        open_route("POST", "/api/sign-in/key", "authn.success", second_form_with_key(authn))
    );
    routes.push_back(
        {.method = "GET",
         .path = "/api/step-up/key",
         .access = Access::session,
         .permission = Permission::self_manage,
         .event = "-",
         .handler = offer_step_up(authn)}
    );
    routes.push_back(
        {.method = "POST",
         .path = "/api/step-up/key",
         .access = Access::session,
         .permission = Permission::self_manage,
         .event = "stepup.success",
         .kind = Kind::write,
         .handler = step_up_with_key(authn),
         .in_alarm = InAlarm::allowed}
    );
    routes.push_back(own_route(
        "/api/self/authenticators/webauthn/options", "cred.enrolment_started", offer_creation(authn)
    ));
    routes.push_back(own_route("/api/self/authenticators/webauthn", "cred.bound", add_key(authn)));
    return routes;
}

}  // namespace sallyport::api
