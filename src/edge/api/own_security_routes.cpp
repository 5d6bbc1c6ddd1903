#include "edge/api/own_security_routes.h"

#include "domain/authn/own_authenticators.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/recovery_code.h"
#include "edge/api/answers.h"
#include "edge/api/authenticator_words.h"
#include "edge/api/card_handoff.h"
#include "edge/api/extra_codes_routes.h"
#include "edge/api/incident_routes.h"
#include "edge/api/notice_words.h"
#include "edge/api/own_session_routes.h"
#include "edge/api/pages/key_form.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/problem.h"
#include "edge/api/pages/urgent_notes.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using authn::Authenticator;
using authn::AuthenticatorKind;
using authn::AuthenticatorState;
using policy::Permission;

constexpr std::string_view page_path = "/security";

std::string path_to(const Authenticator& authenticator, std::string_view action) {
    return "/api/self/authenticators/" + authenticator.id.text() + "/" + std::string(action);
}

bool is_shown(const Authenticator& authenticator) {
    return authenticator.state != AuthenticatorState::revoked &&
           authenticator.state != AuthenticatorState::issued;
}

std::string time_or_dash(const std::optional<Time>& time) {
    return time ? shown(*time) : std::string("–");
}

Html label_form(const Authenticator& authenticator, const session::Session& session) {
    return Html(
        "<form class=\"inline\" method=\"post\" action=\"",
        path_to(authenticator, "rename"),
        "\">",
        csrf_field(session),
        "<input name=\"label\" required maxlength=\"64\" aria-label=\"What you call it\" value=\"",
        authenticator.label,
        "\"><button>Rename</button></form>"
    );
}

Html actions(const Authenticator& authenticator, const session::Session& session) {
    Html html;
    const bool suspended = authenticator.state == AuthenticatorState::suspended;
    if (suspended && !authenticator.suspended_by) {
        html.add(button_form(path_to(authenticator, "resume"), "Use again", session), " ");
    } else if (authenticator.state == AuthenticatorState::active) {
        html.add(button_form(path_to(authenticator, "suspend"), "I mislaid it", session), " ");
    }
    html.add(button_form(path_to(authenticator, "revoke"), "Remove", session));
    return html;
}

Html authenticator_table(
    const std::vector<Authenticator>& all, const session::Session& session, Time now
) {
    Html html(
        "<h2>How you sign in</h2><table><thead><tr><th>Name</th><th>Kind</th><th>Since</th>"
        "<th>Last used</th><th>Until</th><th>State</th><th><span "
        "class=\"hidden\">Actions</span></th></tr></thead><tbody>"
    );
    for (const auto& each : all) {
        if (!is_shown(each)) continue;
        html.add(
            "<tr><td>",
            label_form(each, session),
            "</td><td>",
            Text::ours(kind_words(each.kind)),
            "</td><td>",
            shown(each.bound_at),
            "</td><td>",
            time_or_dash(each.last_used_at),
            "</td><td>",
            time_or_dash(each.expires_at),
            "</td><td>",
            Text::ours(state_words(each, now))
        );
        if (each.kind == AuthenticatorKind::recovery_codes) html.add(", ", each.left, " left");
        html.add("</td><td>", actions(each, session), "</td></tr>");
    }
    html.add("</tbody></table>");
    return html;
}

Html notices_note(
    const std::vector<authn::PersonNotice>& notices, const session::Session& session
) {
    if (notices.empty()) return {};
    Html html("<div class=\"note\"><ul id=\"notices\">");
    for (const auto& notice : notices) {
        html.add("<li>", shown(notice.written_at), " ", notice_words(notice).html(), "</li>");
    }
    const Html up_to(
        "<input type=\"hidden\" name=\"up_to\" value=\"", to_text(notices.front().written_at), "\">"
    );
    html.add(
        "</ul><p>If any of this was not you, <a href=\"#report\">say so below</a>.</p>",
        button_form("/api/self/notices/read", "I have seen this", session, up_to),
        "</div>"
    );
    return html;
}

Html add_card_form(const Site& site, const session::Session& session) {
    if (site.card_origin.empty()) return {};
    return Html(
        "<h2>Add a smart card</h2>",
        card_form(
            site,
            "/api/self/authenticators/certificate",
            "Add",
            Html(
                csrf_field(session),
                input_field("What you call it", "label", "text", "required maxlength=\"64\"")
            )
        )
    );
}

Html recovered_note() {
    return Html(
        "<p class=\"note\" id=\"recovered\">You signed in with a recovery code. Add a new "
        "authenticator below, within 15 minutes of that, then <a "
        "href=\"/step-up?next=/security\">confirm with it</a>: until then you can do nothing "
        "else.</p>"
    );
}

Result<Reply> security_page(store::Tx& tx, const Call& call, const Site& site) {
    const auto& session = *call.session;
    const auto all = authn::list_authenticators(tx, session.account);
    const Html body(
        notices_note(authn::unread_notices(tx, session.account), session),
        authn::is_by_recovery_code(session.factor)
            ? recovered_note()
            : step_up_note(session, call.policy, call.moment.now, page_path),
        second_authenticator_note(tx, call.policy, session, call.moment.now),
        authenticator_table(all, session, call.moment.now),
        "<p><a href=\"/security/passphrase\">Change your passphrase, or do without it</a></p>"
        "<h2>Add a security key or passkey</h2>",
        key_form(
            KeyCeremony::registration,
            "/api/self/authenticators/webauthn",
            "Add",
            Html(
                csrf_field(session),
                input_field("What you call it", "label", "text", "required maxlength=\"64\"")
            )
        ),
        add_card_form(site, session),
        "<h2>Add an authenticator app</h2><form method=\"post\" "
        "action=\"/api/self/authenticators/totp\">",
        csrf_field(session),
        input_field("What you call it", "label", "text", "required maxlength=\"64\""),
        "<button>Add</button></form><h2>Add a phone</h2><p>Open this page on the phone itself, "
        "then "
        "<a href=\"/security/phone\">make it answer your sign-ins</a>.</p><h2>Badges</h2><p>At a "
        "workstation with a badge reader you can <a href=\"/security/badge\">add a badge or change "
        "its PIN</a>.</p>",
        own_extra_codes(tx, call),
        own_sessions(tx, call),
        report_form(session)
    );
    return answer_page(page("Your security", body, call.session, &call.policy));
}

Result<Reply> list(store::Tx& tx, const Call& call) {
    auto json = nlohmann::json::array();
    for (const auto& each : authn::list_authenticators(tx, call.session->account)) {
        json.push_back(to_json(each));
    }
    return answer({{"authenticators", json}});
}

Result<Reply> notices(store::Tx& tx, const Call& call) {
    auto json = nlohmann::json::array();
    for (const auto& notice : authn::unread_notices(tx, call.session->account)) {
        json.push_back({
            {"kind", authn::to_text(notice.kind)},
            {"subject", notice.subject},
            {"at", to_text(notice.written_at)},
            {"text", notice_words(notice).text()},
        });
    }
    return answer({{"notices", json}});
}

Result<Reply> mark_read(store::Tx& tx, const Call& call) {
    SP_TRY(const auto up_to, call.input.time("up_to"));
    authn::mark_notices_read(tx, call.moment, call.session->account, up_to, call.actor);
    return done({{"read", to_text(up_to)}}, std::string(page_path));
}

Reply totp_page(const Call& call, const AuthenticatorId& id, const Html& seed, const Refusal* why) {
    const Html body(
        problem_above(why),
        seed,
        "<form method=\"post\" action=\"/api/self/authenticators/",
        id.text(),
        "/confirm\">",
        csrf_field(*call.session),
        input_field(
            "Code that the app shows now",
            "code",
            "text",
            "required autofocus aria-describedby=\"problem\" autocomplete=\"one-time-code\" "
            "inputmode=\"numeric\" maxlength=\"10\""
        ),
        "<button>Confirm</button></form>"
    );
    return answer_page(page("Your new authenticator", body, call.session, &call.policy));
}

Html seed_shown(const authn::OwnAuthenticators::NewTotp& made) {
    return Html(
        "<p>Scan this with an authenticator app, or type the text into it. It is shown this once, "
        "to you alone.</p><div class=\"qr\" role=\"img\" "
        "aria-label=\"QR code for your authenticator app; the same as text follows\">",
        Html::trusted(std::string(as_text(made.svg.expose()))),
        "</div><p><code id=\"seed\">",
        as_text(made.text.expose()),
        "</code></p>"
    );
}

Handler add_totp(const authn::Context& authn) {
    return [own =
                authn::OwnAuthenticators(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto label, call.input.required("label"));
        SP_TRY(
            const auto made, own.add_totp(tx, call.moment, call.session->account, label, call.actor)
        );
        auto reply = totp_page(call, made.id, seed_shown(made), nullptr);
        reply.status = 201;
        reply.json =
            nlohmann::json{
                {"id", made.id.text()},
                {"totp",
                 {{"uri", as_text(made.uri.expose())}, {"secret", as_text(made.text.expose())}}},
            }
                .dump();
        return reply;
    };
}

Handler confirm_totp(const authn::Context& authn) {
    return [own =
                authn::OwnAuthenticators(authn)](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto id, path_id<AuthenticatorId>(call, 0));
        const auto confirmed = own.confirm_totp(
            tx, call.moment, call.session->account, id, call.input.text("code"), call.actor
        );
        if (confirmed) return done({{"active", id.text()}}, std::string(page_path));
        const auto& why = confirmed.error();
        if (call.input.is_json() || why.kind != Refusal::unauthenticated) {
            return std::unexpected(why);
        }
        return totp_page(call, id, Html("<p>Enter the code that your app shows now.</p>"), &why);
    };
}

// rename, suspend, resume, revoke: the authenticator in the path, and back to the page.
template <class Change>
Handler change_one(const authn::Context& authn, Change change) {
    return [own = authn::OwnAuthenticators(authn),
            change](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto id, path_id<AuthenticatorId>(call, 0));
        SP_CHECK(change(own, tx, call, id));
        const auto after = authn::find_authenticator(tx, id);
        return done(to_json(after.value()), std::string(page_path));
    };
}

Route change_of_own(
    std::string_view path, std::string_view event, StepUp step_up, Handler handler
) {
    return {
        .method = "POST",
        .path = path,
        .access = Access::session,
        .permission = Permission::self_manage,
        .step_up = step_up,
        .event = event,
        .kind = Kind::write,
        .handler = std::move(handler),
    };
}

Route look_at_own(std::string_view path, Handler handler) {
    return {
        .method = "GET",
        .path = path,
        .access = Access::session,
        .permission = Permission::self_read,
        .event = "-",
        .handler = std::move(handler),
    };
}

}  // namespace

std::vector<Route> own_security_routes(Services& services, const authn::Context& authn) {
    using Own = authn::OwnAuthenticators;
    std::vector<Route> routes;
    const auto page = [&site = services.site](store::Tx& tx, const Call& call) {
        return security_page(tx, call, site);
    };
    routes.push_back(look_at_own(page_path, page));
    routes.push_back(look_at_own("/api/self/authenticators", list));
    routes.push_back(look_at_own("/api/self/notices", notices));
    routes.push_back(change_of_own("/api/self/notices/read", "notice.seen", StepUp::no, mark_read));
    routes.push_back(
        change_of_own("/api/self/authenticators/totp", "cred.issued", StepUp::yes, add_totp(authn))
    );
    routes.back().recovery_code_counts = true;
    routes.push_back(change_of_own(
        "/api/self/authenticators/{id}/confirm", "cred.bound", StepUp::yes, confirm_totp(authn)
    ));
    routes.back().recovery_code_counts = true;
    routes.push_back(change_of_own(
        "/api/self/authenticators/{id}/rename",
        "cred.renamed",
        StepUp::no,
        change_one(
            authn,
            [](const Own& own, store::Tx& tx, const Call& call, const AuthenticatorId& id) {
                const auto label = call.input.text("label");
                const auto& account = call.session->account;
                return own.rename(tx, call.moment, account, id, label, call.actor);
            }
        )
    ));
    // Whoever mislaid something is in a hurry, and only takes away from themselves.
    routes.push_back(change_of_own(
        "/api/self/authenticators/{id}/suspend",
        "cred.suspended",
        StepUp::no,
        change_one(
            authn,
            [](const Own& own, store::Tx& tx, const Call& call, const AuthenticatorId& id) {
                const auto& account = call.session->account;
                return own.suspend(tx, call.moment, call.policy, account, id, call.actor);
            }
        )
    ));
    routes.back().in_alarm = InAlarm::allowed;
    routes.push_back(change_of_own(
        "/api/self/authenticators/{id}/resume",
        "cred.resumed",
        StepUp::yes,
        change_one(
            authn,
            [](const Own& own, store::Tx& tx, const Call& call, const AuthenticatorId& id) {
                return own.resume(tx, call.moment, call.session->account, id, call.actor);
            }
        )
    ));
    routes.push_back(change_of_own(
        "/api/self/authenticators/{id}/revoke",
        "cred.revoked",
        StepUp::yes,
        change_one(
            authn,
            [](const Own& own, store::Tx& tx, const Call& call, const AuthenticatorId& id) {
                const auto& account = call.session->account;
                return own.revoke(tx, call.moment, call.policy, account, id, call.actor);
            }
        )
    ));
    routes.back().in_alarm = InAlarm::allowed;
    return routes;
}

}  // namespace sallyport::api
