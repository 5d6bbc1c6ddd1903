#include "edge/api/user_detail_routes.h"

#include "domain/authn/authenticator.h"
#include "domain/authn/compromised_passphrase.h"
#include "domain/authn/identity_proofing.h"
#include "domain/authn/means_to_sign_in.h"
#include "domain/authn/throttle.h"
#include "domain/directory/person_mail.h"
#include "domain/governance/person_mail_admin.h"
#include "domain/governance/user_admin.h"
#include "edge/api/account_in_path.h"
#include "edge/api/answers.h"
#include "edge/api/authenticator_words.h"
#include "edge/api/pages/layout.h"
#include "edge/api/proofing_input.h"
#include "edge/api/user_authenticator_routes.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using policy::Permission;

std::string page_of(const directory::Account& account) {
    return "/users/" + account.login_name.text();
}

Result<directory::Account> account_to_change(store::Tx& tx, const Call& call) {
    SP_TRY(const auto named, account_in_path(tx, call));
    return governance::administrable_account(tx, call.policy, *call.permit, named.id, call.actor);
}

nlohmann::json identity_json(const std::optional<authn::IdentityProofing>& proofing) {
    if (!proofing) return nullptr;
    return {
        {"method", authn::to_text(proofing->method)},
        {"evidence", proofing->evidence},
        {"verifier", proofing->verifier},
        {"proofed_on", to_text(proofing->proofed_on)},
    };
}

std::string mail_of(store::Tx& tx, const directory::Account& account) {
    const auto mail = directory::find_person_mail(tx, account.person);
    return mail ? mail->address.text() : std::string();
}

Result<Reply> list(store::Tx& tx, const Call& call) {
    SP_TRY(const auto account, account_in_path(tx, call));
    auto authenticators = nlohmann::json::array();
    for (const auto& each : authn::list_authenticators(tx, account.id)) {
        authenticators.push_back(to_json(each));
    }
    auto stopped = nlohmann::json::array();
    for (const auto kind : authn::stops_of(tx, account.id)) {
        stopped.push_back(authn::to_text(kind));
    }
    return answer({
        {"login_name", account.login_name.text()},
        {"stopped", stopped},
        {"identity", identity_json(authn::find_identity_proofing(tx, account.person))},
        {"mail_address", mail_of(tx, account)},
        {"can_sign_in", authn::can_sign_in(tx, call.policy, account, call.moment.now)},
        {"authenticators", authenticators},
    });
}

Result<Reply> record_proofing(store::Tx& tx, const Call& call) {
    SP_TRY(const auto account, account_to_change(tx, call));
    SP_TRY(const auto proofing, proofing_in(call));
    if (!proofing) return refuse(Refusal::invalid, "input.missing", "proofing_method");
    SP_CHECK(authn::record_identity_proofing(tx, call.moment, account.person, *proofing, call.actor)
    );
    return done({{"identity", identity_json(proofing)}}, page_of(account), 201);
}

// Empty takes it away.
Result<Reply> change_mail(store::Tx& tx, const Call& call) {
    SP_TRY(const auto named, account_in_path(tx, call));
    std::optional<MailAddress> address;
    if (const auto text = call.input.text("mail_address"); !text.empty()) {
        SP_TRY(address, MailAddress::parse(text));
    }
    SP_TRY(
        const auto account,
        governance::change_person_mail(
            tx, call.moment, call.policy, *call.permit, named.id, address, call.actor
        )
    );
    return done(
        {{"login_name", account.login_name.text()}, {"mail_address", mail_of(tx, account)}},
        page_of(account)
    );
}

// The account's sessions end, and its next sign-in sets a new passphrase first (S0-85).
Result<Reply> compromised(store::Tx& tx, const Call& call) {
    SP_TRY(const auto account, account_to_change(tx, call));
    SP_TRY(
        const auto noted,
        authn::note_compromised(
            tx, call.moment, account.id, authn::CompromiseSignal::administrator, call.actor
        )
    );
    const auto ended =
        session::end_all(tx, call.moment, account.id, session::EndCause::revocation, call.actor);
    auto reply =
        done({{"login_name", account.login_name.text()}, {"first", noted}}, page_of(account));
    for (const auto& session : ended) {
        reply.after.ended_sessions.emplace_back(session, policy::CutCause::session_ended);
    }
    return reply;
}

Html identity_section(
    const directory::Account& account,
    const std::optional<authn::IdentityProofing>& proofing,
    const session::Session& session
) {
    Html html("<h2>Identity</h2>");
    if (proofing) {
        html.add(
            "<p id=\"identity\">Checked ",
            shown(proofing->proofed_on),
            ": ",
            authn::to_text(proofing->method),
            ", ",
            proofing->evidence,
            ", by ",
            proofing->verifier,
            ".</p>"
        );
    } else {
        html.add(
            "<p id=\"identity\" class=\"note\">Nobody has recorded how this person's identity was "
            "checked. Until then they can't be given a ticket.</p>"
        );
    }
    html.add(
        "<form method=\"post\" action=\"/api/users/",
        account.login_name.text(),
        "/proofing\">",
        csrf_field(session),
        proofing_fields(),
        "<button>Record the check</button></form>"
    );
    return html;
}

Html mail_section(
    const directory::Account& account, const std::string& address, const session::Session& session
) {
    return Html(
        "<h2>Mail</h2><p>Notices about the account go there. The old address is told of a "
        "change.</p><form method=\"post\" action=\"/api/users/",
        account.login_name.text(),
        "/mail\">",
        csrf_field(session),
        input_field("Mail address", "mail_address", "email", "maxlength=\"254\"", address),
        "<button>Set it</button></form>"
    );
}

Html stop_note(store::Tx& tx, const directory::Account& account, const session::Session& session) {
    if (authn::stops_of(tx, account.id).empty()) return {};
    return Html(
        "<div class=\"note\" id=\"stopped\"><p>Somebody failed 99 times at this name. What they "
        "tried "
        "is stopped for sources like theirs; where its holder signs in, and by every other way, it "
        "works on.</p>",
        button_form("/api/users/" + account.login_name.text() + "/enable", "End the stop", session),
        "</div>"
    );
}

Result<Reply> detail_page(store::Tx& tx, const Call& call) {
    SP_TRY(const auto account, account_in_path(tx, call));
    Html body(
        step_up_note(*call.session, call.policy, call.moment.now, page_of(account)),
        stop_note(tx, account, *call.session),
        "<p>",
        account.login_name.text(),
        ", ",
        account.role,
        ", ",
        directory::to_text(account.state),
        "</p>",
        identity_section(account, authn::find_identity_proofing(tx, account.person), *call.session),
        mail_section(account, mail_of(tx, account), *call.session),
        authenticators_section(tx, call, account),
        button_form(
            "/api/users/" + account.login_name.text() + "/compromised",
            "Their passphrase is known to others",
            *call.session
        ),
        "<p><a href=\"/recovery?login_name=",
        account.login_name.text(),
        "\">They can't sign in any more</a></p>"
        "<p><a class=\"button\" href=\"/users\">Back to all people</a></p>"
    );
    return answer_page(page(account.display_name, body, call.session, &call.policy));
}

Route look(std::string_view path, Handler handler) {
    return {
        .method = "GET",
        .path = path,
        .access = Access::session,
        .permission = Permission::user_read,
        .event = "-",
        .handler = std::move(handler),
    };
}

Route change(std::string_view path, std::string_view event, Handler handler) {
    return {
        .method = "POST",
        .path = path,
        .access = Access::session,
        .permission = Permission::user_manage,
        .step_up = StepUp::yes,
        .event = event,
        .kind = Kind::write,
        .handler = std::move(handler),
    };
}

}  // namespace

std::vector<Route> user_detail_routes() {
    std::vector<Route> routes;
    routes.push_back(look("/users/{name}", detail_page));
    routes.push_back(look("/api/users/{name}/authenticators", list));
    routes.push_back(change("/api/users/{name}/proofing", "identity.proofed", record_proofing));
    routes.push_back(change("/api/users/{name}/mail", "user.modified", change_mail));
    routes.push_back(
        change("/api/users/{name}/compromised", "cred.compromise_detected", compromised)
    );
    routes.back().in_alarm = InAlarm::allowed;
    return routes;
}

}  // namespace sallyport::api
