#include "edge/api/second_factor_routes.h"

#include "domain/authn/second_factor_due.h"
#include "edge/api/answers.h"
#include "edge/api/explain.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/key_json.h"
#include "edge/api/open_route.h"
#include "edge/api/pages/key_form.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/problem.h"
#include "edge/api/pages/recovery_codes_page.h"
#include "edge/api/pages/sender_key_field.h"
#include "edge/api/signed_in.h"
#include "edge/http/set_cookie.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace sallyport::api {

namespace {

constexpr std::string_view second_factor_cookie = "__Host-sallyport-second";

Reply with_token(Reply reply, const FormToken& token, const Refusal* why) {
    if (why != nullptr) reply.status = explain(*why).status;
    if (!token.set_cookie.empty()) reply.cookies.push_back(token.set_cookie);
    return reply;
}

Reply start_page(const http::Request& request, const Refusal* why) {
    const auto token = form_token(request);
    const Html body(
        problem_above(why),
        "<p>Signing in takes two factors now, for everybody: your passphrase and an authenticator "
        "app on your phone, or a security key or passkey. It takes a minute, once.</p>"
        "<form method=\"post\" action=\"/api/second-factor\"><input type=\"hidden\" name=\"csrf\" "
        "value=\"",
        token.value,
        "\"><button autofocus>Set up my app</button></form>",
        key_form(
            KeyCeremony::enrolment,
            "/api/second-factor/key",
            "Use a security key or passkey",
            Html(
                "<input type=\"hidden\" name=\"csrf\" value=\"",
                token.value,
                "\">",
                sender_key_field()
            )
        )
    );
    return with_token(answer_page(page("A second factor", body)), token, why);
}

Html code_form(const FormToken& token, const std::string& id) {
    return Html(
        "<form method=\"post\" action=\"/api/second-factor/confirm\"><input type=\"hidden\" "
        "name=\"csrf\" value=\"",
        token.value,
        "\"><input type=\"hidden\" name=\"id\" value=\"",
        id,
        "\">",
        input_field(
            "Code that the app shows now",
            "code",
            "text",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"one-time-code\" "
            "inputmode=\"numeric\" maxlength=\"10\""
        ),
        sender_key_field(),
        "<button>Confirm</button></form>"
    );
}

Reply seed_page(const http::Request& request, const authn::OwnAuthenticators::NewTotp& made) {
    const auto token = form_token(request);
    const Html body(
        "<p>Scan this with an authenticator app, or type the text into it. It is shown this once, "
        "to you alone.</p><div class=\"qr\" role=\"img\" "
        "aria-label=\"QR code for your authenticator app; the same as text follows\">",
        Html::trusted(std::string(as_text(made.svg.expose()))),
        "</div><p><code id=\"seed\">",
        as_text(made.text.expose()),
        "</code></p>",
        code_form(token, made.id.text())
    );
    auto reply = with_token(answer_page(page("Your authenticator", body)), token, nullptr);
    reply.json =
        nlohmann::json{
            {"id", made.id.text()},
            {"totp", {{"uri", as_text(made.uri.expose())}, {"secret", as_text(made.text.expose())}}
            },
        }
            .dump();
    return reply;
}

Reply again_page(const Call& call, const Refusal& why) {
    const auto token = form_token(call.request);
    const Html body(
        problem_above(&why),
        "<p>Enter the code that your app shows now.</p>",
        code_form(token, call.input.text("id"))
    );
    return with_token(answer_page(page("Your authenticator", body)), token, &why);
}

Handler show(const authn::Context& authn) {
    return [due = authn::SecondFactorDue(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        const auto made = [&]() -> Result<authn::OwnAuthenticators::NewTotp> {
            SP_TRY(const auto token, flow_token(call.request, second_factor_cookie));
            return due.show(tx, call.moment, token, call.actor.where);
        }();
        if (made) return seed_page(call.request, *made);
        const bool over = made.error().kind == Refusal::expired;
        if (call.input.is_json() || over) return std::unexpected(made.error());
        return start_page(call.request, &made.error());
    };
}

// The session, and the recovery codes on the page that it begins with.
Result<Reply> signed_in_with_codes(
    store::Tx& tx, const Call& call, authn::SecondFactorDue::Finished finished
) {
    SP_TRY(auto reply, open_session(tx, call, std::move(finished.proof)));
    auto json = nlohmann::json::parse(reply.json);
    json["recovery_codes"] = recovery_codes_json(finished.recovery_codes);
    reply.json = json.dump();
    reply.page = recovery_codes_page(finished.recovery_codes);
    reply.location.clear();
    reply.cookies.push_back(http::expired_host_cookie(second_factor_cookie));
    return reply;
}

Handler confirm(const authn::Context& authn) {
    return [due = authn::SecondFactorDue(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        auto finished = [&]() -> Result<authn::SecondFactorDue::Finished> {
            SP_TRY(const auto token, flow_token(call.request, second_factor_cookie));
            SP_TRY(const auto id, AuthenticatorId::parse(call.input.text("id")));
            const auto code = call.input.text("code");
            return due.finish(tx, call.moment, token, id, code, call.actor.where);
        }();
        if (finished) return signed_in_with_codes(tx, call, *std::move(finished));
        const bool again = finished.error().kind == Refusal::unauthenticated;
        if (call.input.is_json() || !again) return std::unexpected(finished.error());
        return again_page(call, finished.error());
    };
}

Handler offer_key(const authn::Context& authn) {
    return [&authn](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto token, flow_token(call.request, second_factor_cookie));
        const authn::SecondFactorDue due(authn);
        SP_TRY(
            const auto creation,
            due.offer_key(tx, call.moment, call.policy, token, call.actor.where)
        );
        return answer(key_creation_json(authn.relying_party, authn.issuer, creation));
    };
}

Handler confirm_key(const authn::Context& authn) {
    return [due = authn::SecondFactorDue(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        auto finished = [&]() -> Result<authn::SecondFactorDue::Finished> {
            SP_TRY(const auto token, flow_token(call.request, second_factor_cookie));
            SP_TRY(const auto key, new_key_in(call.input));
            SP_CHECK(sender_key_in(call.input));  // before the key is bound
            const auto& where = call.actor.where;
            return due.finish_with_key(tx, call.moment, call.policy, token, key, where);
        }();
        if (finished) return signed_in_with_codes(tx, call, *std::move(finished));
        const auto kind = finished.error().kind;
        const bool again = kind == Refusal::invalid || kind == Refusal::conflict;
        if (call.input.is_json() || !again) return std::unexpected(finished.error());
        return start_page(call.request, &finished.error());
    };
}

}  // namespace

Reply begin_second_factor(
    store::Tx& tx, const Moment& moment, authn::AuthenticationProof proof, const audit::Where& where
) {
    const auto token = authn::SecondFactorDue::begin(tx, moment, std::move(proof), where);
    auto reply = done({{"next", "second_factor"}}, "/second-factor");
    reply.cookies.push_back(flow_cookie_header(second_factor_cookie, token));
    reply.cookies.push_back(http::expired_host_cookie(sign_in_cookie));
    return reply;
}

std::vector<Route> second_factor_routes(const authn::Context& authn) {
    std::vector<Route> routes;
    routes.push_back(open_page("/second-factor", [](store::Tx&, const Call& call) -> Result<Reply> {
        return start_page(call.request, nullptr);
    }));
    routes.push_back(open_form("/api/second-factor", "cred.issued", show(authn)));
    routes.push_back(open_form("/api/second-factor/confirm", "cred.bound", confirm(authn)));
    routes.push_back(
        open_form("/api/second-factor/key/options", "cred.enrolment_started", offer_key(authn))
    );
    routes.push_back(open_form("/api/second-factor/key", "cred.bound", confirm_key(authn)));
    return routes;
}

}  // namespace sallyport::api
