#include "edge/api/user_authenticator_routes.h"

#include "domain/authn/authenticator.h"
#include "domain/authn/means_to_sign_in.h"
#include "domain/governance/authenticator_admin.h"
#include "edge/api/account_in_path.h"
#include "edge/api/answers.h"
#include "edge/api/authenticator_words.h"
#include "edge/api/pages/layout.h"

#include <nlohmann/json.hpp>

#include <array>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using authn::Authenticator;
using authn::AuthenticatorKind;
using authn::AuthenticatorState;
using authn::RevokeCause;
using governance::AuthenticatorAdmin;
using governance::AuthenticatorChange;
using governance::WhoseAuthenticator;
using policy::Permission;

constexpr std::array revoke_causes = {
    RevokeCause::lost, RevokeCause::compromised, RevokeCause::replaced, RevokeCause::admin
};

Result<RevokeCause> cause_in(const Input& input) {
    const auto wanted = input.text("cause");
    if (wanted.empty()) return RevokeCause::admin;
    for (const auto cause : revoke_causes) {
        if (authn::to_text(cause) == wanted) return cause;
    }
    return refuse(Refusal::invalid, "authenticator.cause_unknown", wanted);
}

using Change = Result<AuthenticatorChange> (*)(
    const AuthenticatorAdmin& admin,
    store::Tx& tx,
    const Call& call,
    const WhoseAuthenticator& whose
);

Result<AuthenticatorChange> suspend(
    const AuthenticatorAdmin& admin,
    store::Tx& tx,
    const Call& call,
    const WhoseAuthenticator& whose
) {
    return admin.suspend(tx, call.moment, whose);
}

Result<AuthenticatorChange> resume(
    const AuthenticatorAdmin& admin,
    store::Tx& tx,
    const Call& call,
    const WhoseAuthenticator& whose
) {
    return admin.resume(tx, call.moment, whose);
}

Result<AuthenticatorChange> revoke(
    const AuthenticatorAdmin& admin,
    store::Tx& tx,
    const Call& call,
    const WhoseAuthenticator& whose
) {
    SP_TRY(const auto cause, cause_in(call.input));
    return admin.revoke(tx, call.moment, whose, cause);
}

Result<AuthenticatorChange> set_expiry(
    const AuthenticatorAdmin& admin,
    store::Tx& tx,
    const Call& call,
    const WhoseAuthenticator& whose
) {
    std::optional<Time> end;
    if (!call.input.text("expires_at").empty()) {
        SP_TRY(end, call.input.time("expires_at"));
    }
    return admin.set_expiry(tx, call.moment, whose, end);
}

// The authenticator in the path, of the account in the path, and back to the person's page.
Handler change_one(Change change) {
    return [change](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto account, account_in_path(tx, call));
        SP_TRY(const auto id, path_id<AuthenticatorId>(call, 1));
        const AuthenticatorAdmin admin(call.policy, *call.permit, call.actor);
        SP_TRY(const auto changed, change(admin, tx, call, {.account = account.id, .id = id}));
        auto json = to_json(changed.authenticator);
        json["can_sign_in"] = authn::can_sign_in(tx, call.policy, account, call.moment.now);
        auto reply = done(json, "/users/" + account.login_name.text());
        for (const auto& session : changed.sessions_ended) {
            reply.after.ended_sessions.emplace_back(session, policy::CutCause::session_ended);
        }
        return reply;
    };
}

Html expiry_form(
    const std::string& path, const Authenticator& each, const session::Session& session
) {
    // A date-time input takes no seconds and no zone; the page says UTC.
    constexpr std::size_t minutes_only = std::string_view("2026-11-22T08:30").size();
    const auto value =
        each.expires_at ? to_text(*each.expires_at).substr(0, minutes_only) : std::string();
    return Html(
        "<form class=\"inline\" method=\"post\" action=\"",
        path,
        "/expiry\">",
        csrf_field(session),
        "<input name=\"expires_at\" type=\"datetime-local\" aria-label=\"Stops working (UTC); "
        "empty for never\" value=\"",
        value,
        "\"><button>Set the end</button></form>"
    );
}

Html actions(
    const directory::Account& account, const Authenticator& each, const session::Session& session
) {
    if (each.state == AuthenticatorState::revoked) return {};
    const auto path =
        "/api/users/" + account.login_name.text() + "/authenticators/" + each.id.text();
    Html html;
    const bool suspended = each.state == AuthenticatorState::suspended;
    if (suspended && each.suspended_by) {
        html.add(button_form(path + "/resume", "Lift the suspension", session), " ");
    } else if (suspended || each.state == AuthenticatorState::active) {
        html.add(button_form(path + "/suspend", "Suspend", session), " ");
    }
    html.add(button_form(path + "/revoke", "Revoke", session));
    const bool ages =
        each.kind != AuthenticatorKind::passphrase && each.state != AuthenticatorState::issued;
    if (ages) html.add(" ", expiry_form(path, each, session));
    return html;
}

Html no_way_in_note(store::Tx& tx, const Call& call, const directory::Account& account) {
    if (account.state != directory::AccountState::active) return {};
    if (authn::can_sign_in(tx, call.policy, account, call.moment.now)) return {};
    return Html(
        "<p class=\"note\" id=\"no-way-in\">Nothing that works now signs this person in. Their way "
        "back is the end of a suspension, a recovery code, or the help desk.</p>"
    );
}

std::string time_or_dash(const std::optional<Time>& time) {
    return time ? shown(*time) : std::string("–");
}

Route change(std::string_view path, std::string_view event, InAlarm in_alarm, Change handler) {
    return {
        .method = "POST",
        .path = path,
        .access = Access::session,
        .permission = Permission::user_manage,
        .step_up = StepUp::yes,
        .event = event,
        .kind = Kind::write,
        .handler = change_one(handler),
        .in_alarm = in_alarm,
    };
}

// A key's serial is its model, which it may only claim.
std::string_view model_words(const authn::Authenticator& authenticator) {
    if (authenticator.kind != authn::AuthenticatorKind::webauthn || authenticator.serial.empty()) {
        return "";
    }
    return authenticator.model_attested ? " (attested by its maker)" : " (as the key says)";
}

}  // namespace

Html authenticators_section(store::Tx& tx, const Call& call, const directory::Account& account) {
    Html html(
        "<h2>Authenticators</h2>",
        no_way_in_note(tx, call, account),
        "<p>Suspend what is mislaid: the person's sessions end, they are told, and only an "
        "administrator takes it up again. Revoke what is lost for good.</p>"
        "<table><thead><tr><th>Name</th><th>Kind</th><th>Serial</th><th>Since</th>"
        "<th>Last used</th><th>Until</th><th>State</th><th><span "
        "class=\"hidden\">Actions</span></th></tr></thead><tbody>"
    );
    for (const auto& each : authn::list_authenticators(tx, account.id)) {
        html.add(
            "<tr><td>",
            each.label,
            "</td><td>",
            kind_words(each.kind),
            "</td><td>",
            each.serial,
            model_words(each),
            "</td><td>",
            shown(each.bound_at),
            "</td><td>",
            time_or_dash(each.last_used_at),
            "</td><td>",
            time_or_dash(each.expires_at),
            "</td><td>",
            state_words(each, call.moment.now),
            "</td><td>",
            actions(account, each, *call.session),
            "</td></tr>"
        );
    }
    html.add("</tbody></table>");
    return html;
}

std::vector<Route> user_authenticator_routes() {
    const std::string_view suspended = "/api/users/{name}/authenticators/{id}/suspend";
    const std::string_view resumed = "/api/users/{name}/authenticators/{id}/resume";
    const std::string_view revoked = "/api/users/{name}/authenticators/{id}/revoke";
    const std::string_view aged = "/api/users/{name}/authenticators/{id}/expiry";
    std::vector<Route> routes;
    // What only takes away is needed most when something is wrong.
    routes.push_back(change(suspended, "cred.suspended", InAlarm::allowed, suspend));
    routes.push_back(change(resumed, "cred.resumed", InAlarm::refused, resume));
    routes.push_back(change(revoked, "cred.revoked", InAlarm::allowed, revoke));
    routes.push_back(change(aged, "cred.expiry_set", InAlarm::refused, set_expiry));
    return routes;
}

}  // namespace sallyport::api
