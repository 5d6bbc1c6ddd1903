#include "edge/api/recovery_routes.h"

#include "domain/directory/account.h"
#include "domain/governance/recovery.h"
#include "edge/api/answers.h"
#include "edge/api/extra_codes_routes.h"
#include "edge/api/pages/layout.h"
#include "edge/api/paging.h"

#include <nlohmann/json.hpp>

#include <array>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using governance::CallerCheck;
using governance::RecoveryCase;
using governance::RecoveryState;
using policy::Permission;

constexpr std::string_view page_path = "/recovery";

struct CheckBox {
    CallerCheck check;
    std::string_view words;
};

constexpr auto check_boxes = std::to_array<CheckBox>({
    {CallerCheck::called_back, "I called them back on the number on record"},
    {CallerCheck::card_in_person, "I saw their identity card, in person"},
    {CallerCheck::card_on_video, "I saw their identity card and face, on video"},
    {CallerCheck::manager_confirmed, "Their manager confirmed it (not enough alone)"},
});

std::string login_name(store::Tx& tx, const AccountId& id) {
    const auto account = directory::find_account(tx, id);
    return account ? account->login_name.text() : id.text();
}

std::string opener(store::Tx& tx, const RecoveryCase& recovery) {
    return recovery.opened_by ? login_name(tx, *recovery.opened_by) : "the server's host";
}

nlohmann::json to_json(store::Tx& tx, const RecoveryCase& recovery) {
    auto checks = nlohmann::json::array();
    for (const auto check : recovery.checks) {
        checks.push_back(governance::to_text(check));
    }
    nlohmann::json json{
        {"id", recovery.id.text()},
        {"login_name", login_name(tx, recovery.account)},
        {"origin", governance::to_text(recovery.origin)},
        {"state", governance::to_text(recovery.state)},
        {"checks", checks},
        {"note", recovery.note},
        {"opened_by", opener(tx, recovery)},
        {"opened_at", to_text(recovery.opened_at)},
        {"ends_at", to_text(recovery.ends_at)},
    };
    if (recovery.decided_by) json["decided_by"] = login_name(tx, *recovery.decided_by);
    if (recovery.decided_at) json["decided_at"] = to_text(*recovery.decided_at);
    if (!recovery.decision_reason.empty()) json["decision_reason"] = recovery.decision_reason;
    return json;
}

RecoveryId id_of(const RecoveryCase& recovery) {
    return recovery.id;
}

Result<store::Page<RecoveryCase>> wanted_cases(store::Tx& tx, const Input& input) {
    governance::RecoveryFilter filter;
    if (const auto state = input.text("state"); !state.empty()) {
        if (state != "open") return refuse(Refusal::invalid, "recovery.state_unknown", "state");
        filter.undecided = true;
    }
    if (const auto after = input.text("after"); !after.empty()) {
        SP_TRY(const auto id, RecoveryId::parse(after));
        const auto recovery = governance::find_recovery(tx, id);
        if (!recovery) return refuse(Refusal::not_found, "recovery.unknown");
        filter.after = {recovery->opened_at, recovery->id};
    }
    SP_TRY(filter.count_max, rows_wanted(input));
    return governance::list_recoveries(tx, filter);
}

Result<Reply> list(store::Tx& tx, const Call& call) {
    SP_TRY(const auto cases, wanted_cases(tx, call.input));
    auto json = nlohmann::json::array();
    for (const auto& each : cases) {
        json.push_back(to_json(tx, each));
    }
    nlohmann::json body{{"recoveries", json}};
    if (const auto next = next_of(cases, id_of)) body["next"] = *next;
    return answer(body);
}

// As a list of names (JSON), or one member each (a form's boxes).
Result<std::vector<CallerCheck>> checks_in(const Input& input) {
    std::vector<CallerCheck> checks;
    for (const auto& word : input.list("checks")) {
        const auto check = governance::caller_check(word);
        if (!check) return refuse(Refusal::invalid, "recovery.check_unknown", "checks");
        checks.push_back(*check);
    }
    for (const auto& box : check_boxes) {
        if (input.has(governance::to_text(box.check))) checks.push_back(box.check);
    }
    return checks;
}

Handler open(Services& services) {
    return [&services](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto name_text, call.input.required("login_name"));
        const auto name = directory::LoginName::parse(name_text);
        const auto account = name ? directory::find_account(tx, *name) : std::nullopt;
        if (!account) return refuse(Refusal::not_found, "user.unknown");
        SP_TRY(auto checks, checks_in(call.input));
        const governance::RecoveryRequest wanted{
            .account = account->id, .checks = std::move(checks), .note = call.input.text("note")
        };
        SP_TRY(
            const auto opened,
            governance::open_recovery(
                tx, call.moment, call.policy, services.keys, *call.permit, wanted, call.actor
            )
        );
        auto json = to_json(tx, opened.recovery);
        json["agent_code"] = as_text(opened.agent_code.expose());
        auto reply = answer(json, 201);
        const Html body(
            "<p>Read this code to ",
            account->display_name,
            " now; they write it down. It opens nothing until another person has approved the case "
            "and given them a second code. It is shown this once.</p><p><code id=\"agent-code\">",
            as_text(opened.agent_code.expose()),
            "</code></p><p>The case lapses ",
            shown(opened.recovery.ends_at),
            ".</p><p><a class=\"button\" href=\"/recovery\">Done</a></p>"
        );
        reply.page = page("Code for the caller", body, call.session, &call.policy);
        return reply;
    };
}

Html what_the_approver_does(const governance::ApprovedRecovery& approved, std::string_view person) {
    if (!approved.code) {
        return Html(
            "<p>Whoever works on the server's host has the code; it works from now until ",
            shown(approved.ticket_ends_at),
            ".</p>"
        );
    }
    return Html(
        "<p>Call ",
        person,
        " yourself, on the number on record, and read them this code. With it and with the one "
        "that they were given before they enrol anew at <code>/enrol</code>, until ",
        shown(approved.ticket_ends_at),
        ". If they know of no recovery, refuse the case. It is shown this once, and not to the "
        "agent.</p><p><code id=\"ticket\">",
        as_text(approved.code->expose()),
        "</code></p>"
    );
}

Handler approve(Services& services) {
    return [&services](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto id, path_id<RecoveryId>(call, 0));
        SP_TRY(
            const auto approved,
            governance::approve_recovery(
                tx, call.moment, call.policy, services.keys, *call.permit, id, call.actor
            )
        );
        auto json = to_json(tx, approved.recovery);
        json["ticket"] = {{"ends_at", to_text(approved.ticket_ends_at)}};
        if (approved.code) json["ticket"]["code"] = as_text(approved.code->expose());
        auto reply = answer(json);
        const auto holder = directory::find_account(tx, approved.recovery.account);
        const Html body(
            what_the_approver_does(approved, holder->display_name),
            "<p><a class=\"button\" href=\"/recovery\">Done</a></p>"
        );
        reply.page = page("Approved", body, call.session, &call.policy);
        return reply;
    };
}

Result<Reply> refuse_case(store::Tx& tx, const Call& call) {
    SP_TRY(const auto id, path_id<RecoveryId>(call, 0));
    SP_TRY(const auto reason, call.input.required("reason"));
    SP_TRY(
        const auto refused,
        governance::refuse_recovery(
            tx, call.moment, call.policy, *call.permit, id, reason, call.actor
        )
    );
    return done(to_json(tx, refused), std::string(page_path));
}

bool may(const Call& call, Permission permission) {
    const auto* const role = call.policy.role(call.session->role);
    return role != nullptr && role->permissions.test(static_cast<std::size_t>(permission));
}

Html decision_forms(const RecoveryCase& recovery, const Call& call) {
    const bool running =
        recovery.state == RecoveryState::open || recovery.state == RecoveryState::approved;
    if (!running || !may(call, Permission::recovery_approve)) return {};
    const auto path = "/api/recovery/" + recovery.id.text();
    Html forms;
    const bool mine = recovery.opened_by == call.session->account;
    if (recovery.state == RecoveryState::open && !mine) {
        forms.add(button_form(path + "/approve", "Approve", *call.session), " ");
    }
    const Html reason(
        "<input name=\"reason\" aria-label=\"Reason\" placeholder=\"Reason\" required "
        "maxlength=\"500\">"
    );
    return forms.add(button_form(path + "/refuse", "Refuse", *call.session, reason));
}

Html opening_form(const Call& call) {
    if (!may(call, Permission::recovery_open)) return {};
    Html boxes;
    for (const auto& box : check_boxes) {
        boxes.add(
            "<label><input type=\"checkbox\" name=\"",
            governance::to_text(box.check),
            "\" value=\"yes\"> ",
            Text::ours(box.words),
            "</label>"
        );
    }
    return Html(
        "<h2>Somebody can't sign in any more</h2><p>Make sure who is calling. What a person knows "
        "(a date of birth, a personnel number) proves nothing.</p><form method=\"post\" "
        "action=\"/api/recovery\">",
        csrf_field(*call.session),
        input_field(
            "Name here",
            "login_name",
            "text",
            "required autocapitalize=\"none\"",
            call.input.text("login_name")
        ),
        "<fieldset><legend>What you did</legend>",
        boxes,
        "</fieldset>",
        input_field("Note, e.g. the help desk's number", "note", "text", "maxlength=\"500\""),
        "<button>Open a case</button></form>"
    );
}

Html row_of(store::Tx& tx, const RecoveryCase& each, const Call& call) {
    std::string checks;
    for (const auto check : each.checks) {
        if (!checks.empty()) checks += ", ";
        checks += governance::to_text(check);
    }
    return Html(
        "<tr><td>",
        login_name(tx, each.account),
        "</td><td>",
        each.opened_by ? Html(opener(tx, each)) : Html("the server's host"),
        "</td><td>",
        checks,
        "</td><td>",
        each.note,
        "</td><td>",
        shown(each.opened_at),
        "</td><td>",
        Text::ours(governance::to_text(each.state)),
        "</td><td>",
        each.decided_by ? login_name(tx, *each.decided_by) : std::string("–"),
        "</td><td>",
        decision_forms(each, call),
        "</td></tr>"
    );
}

Result<Reply> recovery_page(store::Tx& tx, const Call& call) {
    SP_TRY(const auto cases, wanted_cases(tx, call.input));
    Html body(
        step_up_note(*call.session, call.policy, call.moment.now, page_path),
        "<table><thead><tr><th>Account</th><th>Asked for by</th><th>Checked</th><th>Note</th>"
        "<th>Since</th><th>State</th><th>Decided by</th><th><span "
        "class=\"hidden\">Actions</span></th></tr></thead><tbody>"
    );
    for (const auto& each : cases) {
        body.add(row_of(tx, each, call));
    }
    body.add(
        "</tbody></table>",
        next_page_link(page_path, call.input, {"state", "count"}, next_of(cases, id_of), "Older"),
        waiting_extra_codes(tx, call),
        opening_form(call)
    );
    return answer_page(page("Recovery", body, call.session, &call.policy));
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

std::vector<Route> recovery_routes(Services& services) {
    constexpr auto deciding = Permission::recovery_approve;
    std::vector<Route> routes;
    routes.push_back(look(page_path, recovery_page));
    routes.push_back(look("/api/recovery", list));
    routes.push_back(
        change("/api/recovery", Permission::recovery_open, "recovery.requested", open(services))
    );
    routes.push_back(
        change("/api/recovery/{id}/approve", deciding, "recovery.approved", approve(services))
    );
    routes.push_back(change("/api/recovery/{id}/refuse", deciding, "recovery.denied", refuse_case));
    routes.back().in_alarm = InAlarm::allowed;
    return routes;
}

}  // namespace sallyport::api
