#include "edge/api/extra_codes_routes.h"

#include "domain/authn/own_authenticators.h"
#include "domain/directory/account.h"
#include "domain/governance/extra_codes.h"
#include "edge/api/account_in_path.h"
#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using governance::ExtraCodes;
using governance::ExtraCodesState;
using policy::Permission;

constexpr std::string_view own_page = "/security";
constexpr std::string_view deciding_page = "/recovery";

std::string login_name(store::Tx& tx, const AccountId& id) {
    const auto account = directory::find_account(tx, id);
    return account ? account->login_name.text() : id.text();
}

nlohmann::json to_json(store::Tx& tx, const ExtraCodes& codes) {
    nlohmann::json json{
        {"login_name", login_name(tx, codes.account)},
        {"reason", codes.reason},
        {"state", governance::to_text(codes.state)},
        {"asked_at", to_text(codes.asked_at)},
        {"ends_at", to_text(codes.ends_at)},
    };
    if (codes.decided_by) json["decided_by"] = login_name(tx, *codes.decided_by);
    return json;
}

Result<Reply> ask(store::Tx& tx, const Call& call) {
    SP_TRY(const auto reason, call.input.required("reason"));
    SP_TRY(
        const auto asked,
        governance::ask_for_codes(tx, call.moment, call.session->account, reason, call.actor)
    );
    return done(to_json(tx, asked), std::string(own_page), 201);
}

Handler collect(const authn::Context& authn) {
    return [own =
                authn::OwnAuthenticators(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_CHECK(governance::use_approval(tx, call.moment, call.session->account));
        const auto codes =
            own.renew_recovery_codes(tx, call.moment, call.session->account, call.actor);
        Html html(
            "<p>Keep these apart from your phone; each works once. They are shown this once, and "
            "the earlier ones are worth nothing now.</p><ul class=\"codes\" id=\"recovery-codes\">"
        );
        auto json = nlohmann::json::array();
        for (const auto& code : codes) {
            html.add("<li>", as_text(code.expose()), "</li>");
            json.push_back(as_text(code.expose()));
        }
        html.add("</ul><p><a class=\"button\" href=\"/security\">Done</a></p>");
        auto reply = answer({{"recovery_codes", json}}, 201);
        reply.page = page("Your recovery codes", html, call.session, &call.policy);
        return reply;
    };
}

Result<Reply> list(store::Tx& tx, const Call& call) {
    auto json = nlohmann::json::array();
    for (const auto& each : governance::waiting_extra_codes(tx, call.moment)) {
        json.push_back(to_json(tx, each));
    }
    return answer({{"extra_codes", json}});
}

// Both decisions are alike but for what they decide.
using Decision = decltype(&governance::approve_codes);

Handler decide(Decision decision) {
    return [decision](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto account, account_in_path(tx, call));
        SP_TRY(
            const auto decided,
            decision(tx, call.moment, call.policy, *call.permit, account.id, call.actor)
        );
        return done(to_json(tx, decided), std::string(deciding_page));
    };
}

Route change(
    std::string_view path, Permission permission, std::string_view event, Handler handler
) {
    return {
        .method = "POST",
        .path = path,
        .access = Access::session,
        .permission = permission,
        .step_up = StepUp::yes,
        .event = event,
        .kind = Kind::write,
        .handler = std::move(handler),
    };
}

}  // namespace

Html own_extra_codes(store::Tx& tx, const Call& call) {
    const auto& session = *call.session;
    const auto codes = governance::find_extra_codes(tx, session.account);
    const bool running = codes && call.moment.now < codes->ends_at;
    Html html(
        "<h2>Recovery codes</h2><p>Each lets you in once beside your passphrase, to bring a new "
        "authenticator, or when yours is out of reach. Somebody else has to agree to new ones; "
        "they "
        "never see them.</p>"
    );
    if (running && codes->state == ExtraCodesState::approved) {
        return html.add(
            "<p>You may have new ones, until ",
            shown(codes->ends_at),
            ". They make the earlier ones worthless.</p>",
            button_form("/api/self/recovery-codes", "Make ten new codes", session)
        );
    }
    if (running && codes->state == ExtraCodesState::open) {
        return html.add(
            "<p id=\"codes-asked\">You have asked for new ones; nobody has decided "
            "yet.</p>"
        );
    }
    return html.add(
        "<form method=\"post\" action=\"/api/self/extra-codes\">",
        csrf_field(session),
        input_field("Why you need new codes", "reason", "text", "required maxlength=\"200\""),
        "<button>Ask for new codes</button></form>"
    );
}

Html waiting_extra_codes(store::Tx& tx, const Call& call) {
    const auto* const role = call.policy.role(call.session->role);
    const bool may = role != nullptr &&
                     role->permissions.test(static_cast<std::size_t>(Permission::recovery_approve));
    const auto waiting = governance::waiting_extra_codes(tx, call.moment);
    if (!may || waiting.empty()) return {};
    Html html(
        "<h2>New recovery codes</h2><p>Ask the person themselves whether they want them. You see "
        "none of the codes.</p><table><thead><tr><th>Account</th><th>Reason</th><th>Since</th>"
        "<th><span class=\"hidden\">Actions</span></th></tr></thead><tbody>"
    );
    for (const auto& each : waiting) {
        const auto name = login_name(tx, each.account);
        const auto path = "/api/extra-codes/" + name;
        html.add(
            "<tr><td>",
            name,
            "</td><td>",
            each.reason,
            "</td><td>",
            shown(each.asked_at),
            "</td><td>"
        );
        if (each.account != call.session->account) {
            html.add(button_form(path + "/approve", "Approve", *call.session), " ");
        }
        html.add(button_form(path + "/refuse", "Refuse", *call.session), "</td></tr>");
    }
    return html.add("</tbody></table>");
}

std::vector<Route> extra_codes_routes(const authn::Context& authn) {
    constexpr auto deciding = Permission::recovery_approve;
    std::vector<Route> routes;
    routes.push_back(
        change("/api/self/extra-codes", Permission::self_manage, "recovery.codes_requested", ask)
    );
    routes.push_back(change(
        "/api/self/recovery-codes", Permission::self_manage, "recovery.code_issued", collect(authn)
    ));
    routes.push_back(
        {.method = "GET",
         .path = "/api/extra-codes",
         .access = Access::session,
         .permission = Permission::user_read,
         .event = "-",
         .handler = list}
    );
    routes.push_back(change(
        "/api/extra-codes/{name}/approve",
        deciding,
        "recovery.codes_approved",
        decide(governance::approve_codes)
    ));
    routes.push_back(change(
        "/api/extra-codes/{name}/refuse",
        deciding,
        "recovery.codes_denied",
        decide(governance::refuse_codes)
    ));
    routes.back().in_alarm = InAlarm::allowed;
    return routes;
}

}  // namespace sallyport::api
