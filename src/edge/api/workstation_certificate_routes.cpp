#include "edge/api/workstation_certificate_routes.h"

#include "domain/authn/certificate/workstation_certificate.h"
#include "edge/api/answers.h"
#include "edge/api/card_handoff.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/pages/layout.h"
#include "edge/api/workstation_routes.h"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using authn::CardPurpose;
using policy::Permission;

Bytes holder_of(const SessionId& session) {
    return {session.bytes().begin(), session.bytes().end()};
}

Reply with_workstation(Reply reply, const crypto::Secret& token) {
    reply.cookies.push_back(workstation_cookie_header(token));
    reply.cookies.push_back(card_cookie_ended());
    return reply;
}

Handler ask_registration(const Site& site, const authn::Context& authn) {
    return [&](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_CHECK(require_card_host(site));
        SP_TRY(auto name, call.input.required("name"));
        SP_TRY(auto zone, zone_in(call));
        authn::CardQuestion question{
            .purpose = CardPurpose::workstation,
            .holder = holder_of(call.session->id),
            .label = std::move(name),
            .zone = std::move(zone),
        };
        SP_TRY(
            const auto asked,
            authn::ask_for_card(tx, call.moment, authn, std::move(question), call.actor)
        );
        return to_card_host(site, asked);
    };
}

Handler register_it(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto answer, card_answer_in(call));
        const auto& session = call.session->id;
        SP_TRY(
            const auto taken,
            authn::take_card(
                tx,
                call.moment,
                authn,
                answer,
                CardPurpose::workstation,
                session.bytes(),
                call.actor.where
            )
        );
        SP_TRY(const auto made, authn::register_workstation(tx, call.moment, taken, call.actor));
        auto reply = done(to_json(made.workstation), "/workstations", 201);
        return with_workstation(std::move(reply), made.token);
    };
}

Handler recognition_page(const Site& site) {
    return [&site](store::Tx& tx, const Call& call) -> Result<Reply> {
        const auto here = workstation_of(tx, call.request, call.moment.now);
        const auto token = form_token(call.request);
        const auto next = safe_next(call.input.text("next"));
        Html body;
        if (here) body.add("<p>This is ", here->name, ".</p>");
        body.add(
            "<p>A workstation that was registered with its certificate is recognised by it.</p>",
            card_form(
                site,
                "/api/workstation/recognise",
                "Recognise this workstation",
                Html(
                    "<input type=\"hidden\" name=\"csrf\" value=\"",
                    token.value,
                    "\"><input type=\"hidden\" name=\"next\" value=\"",
                    next,
                    "\">"
                )
            ),
            "<p><a href=\"/sign-in\">Sign in</a></p>"
        );
        auto reply = answer_page(page("This workstation", body));
        if (!token.set_cookie.empty()) reply.cookies.push_back(token.set_cookie);
        return reply;
    };
}

Handler ask_recognition(const Site& site, const authn::Context& authn) {
    return [&](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_CHECK(require_card_host(site));
        authn::CardQuestion question{
            .purpose = CardPurpose::recognition, .next = call.input.text("next")
        };
        SP_TRY(
            const auto asked,
            authn::ask_for_card(tx, call.moment, authn, std::move(question), call.actor)
        );
        return to_card_host(site, asked);
    };
}

Handler recognise(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto answer, card_answer_in(call));
        const auto& where = call.actor.where;
        SP_TRY(
            const auto taken,
            authn::take_card(tx, call.moment, authn, answer, CardPurpose::recognition, {}, where)
        );
        SP_TRY(
            const auto here, authn::recognise_workstation(tx, call.moment, taken.card, call.actor)
        );
        auto reply = done(to_json(here.workstation), safe_next(call.input.text("next")));
        return with_workstation(std::move(reply), here.token);
    };
}

Route by_administrator(
    std::string_view method, std::string_view path, std::string_view event, Handler handler
) {
    return {
        .method = method,
        .path = path,
        .access = Access::session,
        .permission = Permission::user_manage,
        .step_up = StepUp::yes,
        .event = event,
        .kind = Kind::write,
        .handler = std::move(handler),
    };
}

Route by_anybody(
    std::string_view method, std::string_view path, std::string_view event, Handler handler
) {
    return {
        .method = method,
        .path = path,
        .access = Access::open,
        .event = event,
        .kind = event == "-" ? Kind::read : Kind::write,
        .handler = std::move(handler),
        .in_alarm = InAlarm::allowed,
    };
}

}  // namespace

std::vector<Route> workstation_certificate_routes(Services& services, const authn::Context& authn) {
    const auto& site = services.site;
    return {
        by_administrator(
            "POST",
            "/api/workstations/certificate",
            "authn.card_asked",
            ask_registration(site, authn)
        ),
        by_administrator(
            "GET", "/workstations/certificate", "workstation.registered", register_it(authn)
        ),
        by_anybody("GET", "/workstation", "-", recognition_page(site)),
        by_anybody(
            "POST", "/api/workstation/recognise", "authn.card_asked", ask_recognition(site, authn)
        ),
        by_anybody("GET", "/workstation/recognised", "workstation.recognised", recognise(authn)),
    };
}

}  // namespace sallyport::api
