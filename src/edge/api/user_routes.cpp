#include "edge/api/user_routes.h"

#include "domain/authn/identity_proofing.h"
#include "domain/authn/ticket.h"
#include "domain/directory/account.h"
#include "domain/governance/factor_custody.h"
#include "domain/governance/user_admin.h"
#include "edge/api/account_in_path.h"
#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"
#include "edge/api/paging.h"
#include "edge/api/proofing_input.h"

#include <nlohmann/json.hpp>

#include <array>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using governance::DisableCause;
using governance::UserChange;
using policy::Permission;

nlohmann::json to_json(const directory::Account& account) {
    return {
        {"id", account.id.text()},
        {"person", account.person.text()},
        {"login_name", account.login_name.text()},
        {"display_name", account.display_name},
        {"role", account.role},
        {"scope", account.scope},
        {"state", directory::to_text(account.state)},
        {"created_at", to_text(account.created_at)},
    };
}

AccountId id_of(const directory::Account& account) {
    return account.id;
}

Result<store::Page<directory::Account>> accounts(store::Tx& tx, const Input& input) {
    directory::AccountFilter filter;
    if (const auto after = input.text("after"); !after.empty()) {
        SP_TRY(const auto id, AccountId::parse(after));
        const auto account = directory::find_account(tx, id);
        if (!account) return refuse(Refusal::not_found, "user.unknown");
        filter.after = {account->created_at, account->id};
    }
    SP_TRY(filter.count_max, rows_wanted(input));
    return directory::list_accounts(tx, filter);
}

Reply after(const UserChange& change) {
    auto reply = done(to_json(change.account), "/users");
    const auto cause = change.cut.value_or(policy::CutCause::session_ended);
    for (const auto& session : change.sessions_ended) {
        reply.after.ended_sessions.emplace_back(session, cause);
    }
    if (change.cut) reply.after.ended_accounts.emplace_back(change.account.id, *change.cut);
    return reply;
}

Reply ticket_reply(
    const Call& call, const directory::Account& account, const authn::IssuedTicket& issued
) {
    auto json = to_json(account);
    json["ticket"] = {
        {"code", as_text(issued.code.expose())},
        {"ends_at", to_text(issued.ticket.ends_at)},
    };
    auto reply = answer(json, 201);
    const Html body(
        "<p>Hand this to ",
        account.display_name,
        " alone. It works once, until ",
        shown(issued.ticket.ends_at),
        ", at <code>/enrol</code>. It is shown this once.</p><p><code "
        "id=\"ticket\">",
        as_text(issued.code.expose()),
        "</code></p><p><a class=\"button\" href=\"/users\">Done</a></p>"
    );
    reply.page = page("Enrolment ticket", body, call.session, &call.policy);
    return reply;
}

Reply unproofed_reply(const directory::Account& account) {
    auto json = to_json(account);
    json["ticket"] = nullptr;
    json["next"] = "proofing";
    return done(json, "/users/" + account.login_name.text(), 201);
}

constexpr std::array disable_causes = {
    DisableCause::termination,
    DisableCause::dormant,
    DisableCause::admin,
    DisableCause::compromise,
    DisableCause::vendor_end
};

Result<DisableCause> cause_in(const Input& input) {
    const auto wanted = input.text("cause");
    if (wanted.empty()) return DisableCause::admin;
    for (const auto cause : disable_causes) {
        if (governance::to_text(cause) == wanted) return cause;
    }
    return refuse(Refusal::invalid, "user.cause_unknown", wanted);
}

class UserHandlers {
public:
    explicit UserHandlers(Services& services) : services_(services) {}

    static Result<Reply> list(store::Tx& tx, const Call& call) {
        SP_TRY(const auto listed, accounts(tx, call.input));
        auto json = nlohmann::json::array();
        for (const auto& account : listed) {
            json.push_back(to_json(account));
        }
        nlohmann::json body{{"users", json}};
        if (const auto next = next_of(listed, id_of)) body["next"] = *next;
        return answer(body);
    }

    // The account, the check of its person's identity, and the ticket by which they enrol, in one
    // step. Without such a check there is no ticket yet (S1-26).
    Result<Reply> create(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto name_text, call.input.required("login_name"));
        SP_TRY(const auto name, directory::LoginName::parse(name_text));
        SP_TRY(const auto display_name, call.input.required("display_name"));
        SP_TRY(const auto role, call.input.required("role"));
        governance::NewUser wanted{name, display_name, role, std::nullopt};
        if (call.input.has("person")) {
            SP_TRY(const auto person, PersonId::parse(call.input.text("person")));
            wanted.person = person;
        }
        SP_TRY(
            const auto account,
            governance::create_user(tx, call.moment, call.policy, *call.permit, wanted, call.actor)
        );
        SP_TRY(const auto proofing, proofing_in(call));
        if (proofing) {
            SP_CHECK(authn::record_identity_proofing(
                tx, call.moment, account.person, *proofing, call.actor
            ));
        }
        // A person who was known already may have been checked then.
        if (!authn::require_identity_proofing(tx, account.person, account.role)) {
            return unproofed_reply(account);
        }
        return issue(tx, call, account);
    }

    Result<Reply> ticket(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto named, account_in_path(tx, call));
        SP_TRY(
            const auto account,
            governance::administrable_account(tx, call.policy, *call.permit, named.id, call.actor)
        );
        return issue(tx, call, account);
    }

    static Result<Reply> role(store::Tx& tx, const Call& call) {
        SP_TRY(const auto account, account_in_path(tx, call));
        SP_TRY(const auto role, call.input.required("role"));
        SP_TRY(
            const auto change,
            governance::change_role(
                tx,
                call.moment,
                call.policy,
                *call.permit,
                account.id,
                role,
                call.actor,
                call.input.text("reason")
            )
        );
        return after(change);
    }

    static Result<Reply> disable(store::Tx& tx, const Call& call) {
        SP_TRY(const auto account, account_in_path(tx, call));
        SP_TRY(const auto cause, cause_in(call.input));
        SP_TRY(
            const auto change,
            governance::disable_user(
                tx,
                call.moment,
                call.policy,
                *call.permit,
                account.id,
                cause,
                call.actor,
                call.input.text("reason")
            )
        );
        return after(change);
    }

    static Result<Reply> enable(store::Tx& tx, const Call& call) {
        SP_TRY(const auto account, account_in_path(tx, call));
        SP_TRY(
            const auto change,
            governance::enable_user(
                tx,
                call.moment,
                call.policy,
                *call.permit,
                account.id,
                call.actor,
                call.input.text("reason")
            )
        );
        return after(change);
    }

    static Result<Reply> remove(store::Tx& tx, const Call& call) {
        SP_TRY(const auto account, account_in_path(tx, call));
        SP_TRY(
            const auto change,
            governance::delete_user(
                tx,
                call.moment,
                call.policy,
                *call.permit,
                account.id,
                call.actor,
                call.input.text("reason")
            )
        );
        return after(change);
    }

    static Result<Reply> users_page(store::Tx& tx, const Call& call) {
        SP_TRY(const auto listed, accounts(tx, call.input));
        Html body(
            step_up_note(*call.session, call.policy, call.moment.now, "/users"),
            "<table><thead><tr><th>Name "
            "here</th><th>Person</th><th>Role</th><th>State</th><th><span "
            "class=\"hidden\">Actions</span></th>"
            "</tr></thead><tbody>"
        );
        for (const auto& account : listed) {
            body.add(
                "<tr><td><a href=\"/users/",
                account.login_name.text(),
                "\">",
                account.login_name.text(),
                "</a></td><td>",
                account.display_name,
                "</td><td>",
                account.role,
                "</td><td>",
                directory::to_text(account.state),
                "</td><td>",
                actions(account, call),
                "</td></tr>"
            );
        }
        Html roles;
        for (const auto& role : call.policy.roles) {
            roles.add("<option>", role.name, "</option>");
        }
        body.add(
            "</tbody></table>",
            next_page_link("/users", call.input, {"count"}, next_of(listed, id_of), "More people"),
            "<h2>Create an account</h2><form method=\"post\" action=\"/api/users\">",
            csrf_field(*call.session),
            input_field("Name here", "login_name", "text", "required autocapitalize=\"none\""),
            input_field("Person's name", "display_name", "text", "required"),
            "<label>Role<select name=\"role\">",
            roles,
            "</select></label>",
            proofing_fields(),
            "<button>Create</button></form>"
        );
        return answer_page(page("People", body, call.session, &call.policy));
    }

private:
    Result<Reply> issue(store::Tx& tx, const Call& call, const directory::Account& account) const {
        SP_TRY(
            const auto issued,
            authn::issue_ticket(
                tx, call.moment, services_.keys, {.account = account.id}, call.actor
            )
        );
        governance::note_factor_custody(
            tx,
            account.id,
            call.session->account,
            governance::FactorCustody::ticket_issued,
            call.moment
        );
        return ticket_reply(call, account, issued);
    }

    // A ticket for who never enrolled; the way back for who did takes two people.
    static Html way_in(const directory::Account& account, const Call& call) {
        const auto& name = account.login_name.text();
        if (account.state == directory::AccountState::pending) {
            return button_form("/api/users/" + name + "/ticket", "New ticket", *call.session);
        }
        return Html("<a href=\"/recovery?login_name=", name, "\">Recover</a>");
    }

    static Html actions(const directory::Account& account, const Call& call) {
        using State = directory::AccountState;
        if (account.id == call.session->account || account.state == State::tombstoned) return {};
        const auto path = "/api/users/" + account.login_name.text();
        if (account.state == State::disabled) {
            return button_form(path + "/enable", "Enable", *call.session);
        }
        const bool shut = account.state == State::locked || account.state == State::suspended;
        Html unlock;
        if (shut) unlock.add(button_form(path + "/enable", "Unlock", *call.session), " ");
        return Html(
            unlock,
            way_in(account, call),
            " ",
            button_form(path + "/disable", "Disable", *call.session)
        );
    }

    Services& services_;
};

}  // namespace

std::vector<Route> user_routes(Services& services) {
    const auto handlers = std::make_shared<UserHandlers>(services);
    const auto change = [](std::string_view path, std::string_view event, Handler handler
                        ) -> Route {
        return {
            .method = "POST",
            .path = path,
            .access = Access::session,
            .permission = Permission::user_manage,
            .step_up = StepUp::yes,
            .event = event,
            .kind = Kind::write,
            .handler = std::move(handler)
        };
    };
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = "/api/users",
         .access = Access::session,
         .permission = Permission::user_read,
         .event = "-",
         .handler = UserHandlers::list}
    );
    routes.push_back(
        {.method = "GET",
         .path = "/users",
         .access = Access::session,
         .permission = Permission::user_read,
         .event = "-",
         .handler = UserHandlers::users_page}
    );
    routes.push_back(change(
        "/api/users",
        "user.created",
        [handlers](store::Tx& tx, const Call& call) { return handlers->create(tx, call); }
    ));
    routes.push_back(change(
        "/api/users/{name}/ticket",
        "ticket.issued",
        [handlers](store::Tx& tx, const Call& call) { return handlers->ticket(tx, call); }
    ));
    routes.push_back(change("/api/users/{name}/role", "role.assigned", UserHandlers::role));
    routes.push_back(change("/api/users/{name}/disable", "user.disabled", UserHandlers::disable));
    routes.back().in_alarm = InAlarm::allowed;
    routes.push_back(change("/api/users/{name}/enable", "user.enabled", UserHandlers::enable));
    routes.push_back(change("/api/users/{name}/delete", "user.deleted", UserHandlers::remove));
    return routes;
}

}  // namespace sallyport::api
