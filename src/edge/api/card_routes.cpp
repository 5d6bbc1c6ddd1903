#include "edge/api/card_routes.h"

#include "domain/authn/certificate/card_sign_in.h"
#include "domain/authn/certificate/own_cards.h"
#include "domain/authn/sign_in.h"
#include "domain/authn/step_up.h"
#include "edge/api/answers.h"
#include "edge/api/authenticator_words.h"
#include "edge/api/card_handoff.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/signed_in.h"
#include "edge/http/set_cookie.h"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using policy::Permission;

// `ask(tx, call)` gives the token and the code that lead to the card host.
template <class Ask>
Handler sends_to_card_host(const Site& site, Ask ask) {
    return [&site, ask](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_CHECK(require_card_host(site));
        SP_TRY(const auto asked, ask(tx, call));
        return to_card_host(site, asked);
    };
}

// `take(tx, call, answer)` is what becomes of the card; the browser's half ends with it.
template <class Take>
Handler comes_back(Take take) {
    return [take](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto answer, card_answer_in(call));
        SP_TRY(auto reply, take(tx, call, answer));
        reply.cookies.push_back(card_cookie_ended());
        return reply;
    };
}

// The same, for a sign-in: the page's key waits in a cookie meanwhile.
template <class Ask>
Handler sends_to_sign_in(const Site& site, Ask ask) {
    return [&site, ask](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_CHECK(require_card_host(site));
        SP_CHECK(sender_key_in(call.input));
        SP_TRY(const auto asked, ask(tx, call));
        return to_card_host(site, asked, call.input);
    };
}

Result<Reply> open_signed_in(store::Tx& tx, const Call& call, authn::AuthenticationProof proof) {
    SP_TRY(const auto sender_key, sender_key_kept(call.request));
    SP_TRY(auto reply, open_session(tx, call, std::move(proof), sender_key));
    reply.cookies.push_back(http::expired_host_cookie(card_sender_cookie));
    return reply;
}

Handler ask_alone(const Site& site, const authn::Context& authn) {
    return sends_to_sign_in(site, [&authn](store::Tx& tx, const Call& call) {
        return authn::CardSignIn(authn).ask(tx, call.moment, call.input.text("next"), call.actor);
    });
}

Handler sign_in_alone(const authn::Context& authn) {
    return comes_back(
        [&authn](
            store::Tx& tx, const Call& call, const authn::CardAnswer& answer
        ) -> Result<Reply> {
            SP_TRY(
                auto proof,
                authn::CardSignIn(authn).submit(
                    tx, call.moment, call.policy, answer, call.actor.where
                )
            );
            return open_signed_in(tx, call, std::move(proof));
        }
    );
}

Handler ask_second(const Site& site, const authn::Context& authn) {
    return sends_to_sign_in(
        site,
        [&authn](store::Tx& tx, const Call& call) -> Result<authn::CardAsked> {
            SP_TRY(const auto flow, flow_token(call.request, sign_in_cookie));
            return authn::SignIn(authn).ask_card(
                tx, call.moment, flow, call.input.text("next"), call.actor
            );
        }
    );
}

Handler second_form_with_card(const authn::Context& authn) {
    return comes_back(
        [&authn](
            store::Tx& tx, const Call& call, const authn::CardAnswer& answer
        ) -> Result<Reply> {
            SP_TRY(const auto flow, flow_token(call.request, sign_in_cookie));
            SP_TRY(
                auto proof,
                authn::SignIn(authn).submit_card(
                    tx, call.moment, call.policy, flow, answer, call.actor.where
                )
            );
            return open_signed_in(tx, call, std::move(proof));
        }
    );
}

Handler ask_step_up(const Site& site, const authn::Context& authn) {
    return sends_to_card_host(site, [&authn](store::Tx& tx, const Call& call) {
        return authn::StepUp(authn).ask_card(
            tx, call.moment, call.session->id, call.input.text("next"), call.actor
        );
    });
}

Handler step_up_with_card(const authn::Context& authn) {
    return comes_back(
        [&authn](
            store::Tx& tx, const Call& call, const authn::CardAnswer& answer
        ) -> Result<Reply> {
            const authn::StepUp step_up(authn);
            SP_CHECK(session::check_renewable(*call.session));
            SP_TRY(
                auto taken,
                step_up.take_card(tx, call.moment, call.session->id, answer, call.actor.where)
            );
            const authn::StepUp::Shown shown{
                .passphrase = std::nullopt, .code = {}, .card = std::move(taken.card)
            };
            SP_TRY(
                auto proof,
                step_up.finish(
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
        }
    );
}

Handler ask_enrolment(const Site& site, const authn::Context& authn) {
    return sends_to_card_host(
        site,
        [&authn](store::Tx& tx, const Call& call) -> Result<authn::CardAsked> {
            SP_TRY(const auto label, call.input.required("label"));
            const auto& session = *call.session;
            return authn::OwnCards(authn).begin(
                tx, call.moment, session.account, session.id, label, call.actor
            );
        }
    );
}

Handler add_card(const authn::Context& authn) {
    return comes_back(
        [&authn](
            store::Tx& tx, const Call& call, const authn::CardAnswer& answer
        ) -> Result<Reply> {
            const auto& session = *call.session;
            SP_TRY(
                const auto id,
                authn::OwnCards(authn).finish(
                    tx, call.moment, session.account, session.id, answer, call.actor
                )
            );
            return done(to_json(authn::find_authenticator(tx, id).value()), "/security", 201);
        }
    );
}

// A way back is a GET that changes something: it can be followed in one browser, once.
Route open_route(
    std::string_view method, std::string_view path, std::string_view event, Handler handler
) {
    return {
        .method = method,
        .path = path,
        .access = Access::open,
        .event = event,
        .kind = Kind::write,
        .handler = std::move(handler),
        .in_alarm = InAlarm::allowed,
    };
}

Route own_route(
    std::string_view method,
    std::string_view path,
    StepUp step_up,
    std::string_view event,
    Handler handler
) {
    return {
        .method = method,
        .path = path,
        .access = Access::session,
        .permission = Permission::self_manage,
        .step_up = step_up,
        .event = event,
        .kind = Kind::write,
        .handler = std::move(handler),
        .in_alarm = step_up == StepUp::yes ? InAlarm::refused : InAlarm::allowed,
    };
}

}  // namespace

std::vector<Route> card_routes(Services& services, const authn::Context& authn) {
    const auto& site = services.site;
    std::vector<Route> routes;
    routes.push_back(
        open_route("POST", "/api/sign-in/card", "authn.card_asked", ask_alone(site, authn))
    );
    routes.push_back(open_route("GET", "/sign-in/card", "authn.success", sign_in_alone(authn)));
    routes.push_back(
        open_route("POST", "/api/sign-in/card/second", "authn.card_asked", ask_second(site, authn))
    );
    routes.push_back(
        open_route("GET", "/sign-in/card/second", "authn.success", second_form_with_card(authn))
    );
    routes.push_back(own_route(
        "POST", "/api/step-up/card", StepUp::no, "authn.card_asked", ask_step_up(site, authn)
    ));
    routes.push_back(
        own_route("GET", "/step-up/card", StepUp::no, "stepup.success", step_up_with_card(authn))
    );
    routes.push_back(own_route(
        "POST",
        "/api/self/authenticators/certificate",
        StepUp::yes,
        "cred.enrolment_started",
        ask_enrolment(site, authn)
    ));
    routes.push_back(own_route("GET", "/security/card", StepUp::yes, "cred.bound", add_card(authn))
    );
    return routes;
}

}  // namespace sallyport::api
