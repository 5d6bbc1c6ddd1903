#include "edge/api/mail_recovery_routes.h"

#include "domain/authn/mail_recovery.h"
#include "edge/api/answers.h"
#include "edge/api/explain.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/open_route.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/problem.h"
#include "edge/api/passphrase_change_routes.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace sallyport::api {

namespace {

Reply form_page(
    const http::Request& request,
    const Text& title,
    const Html& explanation,
    std::string_view action,
    const Html& field,
    const Refusal* why
) {
    const auto token = form_token(request);
    const Html body(
        problem_above(why),
        explanation,
        "<form method=\"post\" action=\"",
        action,
        "\"><input type=\"hidden\" name=\"csrf\" value=\"",
        token.value,
        "\">",
        field,
        "<button>Continue</button></form>"
    );
    auto reply = answer_page(page(title, body));
    if (why != nullptr) reply.status = explain(*why).status;
    if (!token.set_cookie.empty()) reply.cookies.push_back(token.set_cookie);
    return reply;
}

Reply name_page(const http::Request& request, bool sends_mail, const Refusal* why) {
    if (!sends_mail) {
        const Html body(
            "<p>This server sends no mail. Call your help desk: they make sure who you are, and "
            "never learn your passphrase.</p>"
        );
        return answer_page(page("Forgot your passphrase?", body));
    }
    return form_page(
        request,
        "Forgot your passphrase?",
        Html("<p>Patients get a code at the mail address that the hospital knows. Whoever works "
             "here calls the help desk.</p>"),
        "/api/recovery/mail",
        input_field(
            "Your name here",
            "login_name",
            "text",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"username\" "
            "autocapitalize=\"none\" spellcheck=\"false\" maxlength=\"200\""
        ),
        why
    );
}

// The same for everybody, whether a mail goes out or not.
Reply code_page(const http::Request& request, const Refusal* why) {
    return form_page(
        request,
        "Type in the code",
        Html("<p id=\"asked\">If that name can be recovered by mail, a code is on its way to the "
             "address that the hospital knows. It works once, within four hours. If nothing comes, "
             "call the hospital.</p>"),
        "/api/recovery/mail/code",
        input_field(
            "Code from the mail",
            "code",
            "text",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"one-time-code\" "
            "autocapitalize=\"characters\" spellcheck=\"false\" maxlength=\"40\""
        ),
        why
    );
}

Handler ask(const authn::Context& authn, bool sends_mail) {
    return [recovery = authn::MailRecovery(authn),
            sends_mail](store::Tx& tx, const Call& call) -> Result<Reply> {
        const auto asked = [&]() -> Result<void> {
            if (!sends_mail) return refuse(Refusal::denied, "recovery.no_mail");
            SP_TRY(const auto name, call.input.required("login_name"));
            return recovery.ask(tx, call.moment, call.policy, name, call.actor.where);
        }();
        if (!asked && !call.input.is_json()) {
            return name_page(call.request, sends_mail, &asked.error());
        }
        if (!asked) return std::unexpected(asked.error());
        return done({{"next", "code"}}, "/forgot/code");
    };
}

Reply after(store::Tx& tx, const Call& call, authn::AuthenticationProof proof) {
    return begin_passphrase_change(tx, call.moment, std::move(proof), call.actor.where);
}

Reply after(store::Tx&, const Call&, authn::MailRecovery::SecondForm form) {
    auto reply = done({{"next", "code"}}, "/sign-in/code");
    reply.cookies.push_back(flow_cookie_header(sign_in_cookie, form.token));
    return reply;
}

Handler redeem(const authn::Context& authn) {
    return
        [recovery = authn::MailRecovery(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
            auto redeemed = recovery.redeem(
                tx, call.moment, call.policy, call.input.text("code"), call.actor.where
            );
            if (!redeemed && !call.input.is_json()) {
                return code_page(call.request, &redeemed.error());
            }
            if (!redeemed) return std::unexpected(redeemed.error());
            return std::visit(
                [&](auto&& next) { return after(tx, call, std::forward<decltype(next)>(next)); },
                *std::move(redeemed)
            );
        };
}

}  // namespace

std::vector<Route> mail_recovery_routes(Services& services, const authn::Context& authn) {
    const bool sends_mail = services.sends_mail;
    std::vector<Route> routes;
    routes.push_back(open_page("/forgot", [sends_mail](store::Tx&, const Call& call) {
        return Result<Reply>(name_page(call.request, sends_mail, nullptr));
    }));
    routes.push_back(open_page("/forgot/code", [](store::Tx&, const Call& call) {
        return Result<Reply>(code_page(call.request, nullptr));
    }));
    routes.push_back(open_form("/api/recovery/mail", "recovery.requested", ask(authn, sends_mail)));
    routes.push_back(open_form("/api/recovery/mail/code", "ticket.redeemed", redeem(authn)));
    return routes;
}

}  // namespace sallyport::api
