#include "edge/api/grant_routes.h"

#include "domain/directory/account.h"
#include "domain/directory/device.h"
#include "domain/governance/grants.h"
#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"
#include "edge/api/paging.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sallyport::api {

namespace {

using governance::Grant;
using governance::GrantState;
using governance::Verdict;
using policy::Permission;

std::string_view state_text(const Grant& grant, Time now) {
    switch (grant.state) {
        case GrantState::requested:
            return grant.until <= now ? "lapsed" : "requested";
        case GrantState::approved:
            if (grant.until <= now) return "over";
            return grant.from <= now ? "open" : "approved";
        case GrantState::denied:
            return "denied";
        case GrantState::revoked:
            return "revoked";
    }
    return "unknown";
}

std::string login_name(store::Tx& tx, const AccountId& id) {
    const auto account = directory::find_account(tx, id);
    return account ? account->login_name.text() : id.text();
}

std::string device_name(store::Tx& tx, const DeviceId& id) {
    const auto device = directory::find_device(tx, id);
    return device ? device->name.text() : id.text();
}

nlohmann::json to_json(store::Tx& tx, const Grant& grant, Time now) {
    nlohmann::json json{
        {"id", grant.id.text()},
        {"requester", login_name(tx, grant.requester)},
        {"device", device_name(tx, grant.device)},
        {"purpose", grant.purpose},
        {"change_ticket", grant.change_ticket},
        {"from", to_text(grant.from)},
        {"until", to_text(grant.until)},
        {"capabilities", grant.capabilities},
        {"state", state_text(grant, now)},
        {"requested_at", to_text(grant.requested_at)},
    };
    if (grant.decided_by) json["decided_by"] = login_name(tx, *grant.decided_by);
    if (grant.decided_at) json["decided_at"] = to_text(*grant.decided_at);
    if (!grant.decision_reason.empty()) json["decision_reason"] = grant.decision_reason;
    return json;
}

bool may(const Call& call, Permission permission) {
    const auto* const role = call.policy.role(call.session->role);
    return role != nullptr && role->permissions.test(static_cast<std::size_t>(permission));
}

GrantId id_of(const Grant& grant) {
    return grant.id;
}

// A page of everybody's for those who may read them, else of one's own.
Result<store::Page<Grant>> visible_grants(store::Tx& tx, const Call& call) {
    governance::GrantFilter filter;
    if (!may(call, Permission::grant_read)) filter.requester = call.session->account;
    if (const auto state = call.input.text("state"); !state.empty()) {
        if (state != "requested") return refuse(Refusal::invalid, "grant.state_unknown", "state");
        filter.undecided_at = call.moment.now;
    }
    if (const auto after = call.input.text("after"); !after.empty()) {
        SP_TRY(const auto id, GrantId::parse(after));
        const auto grant = governance::find_grant(tx, id);
        const bool visible = grant && (!filter.requester || grant->requester == *filter.requester);
        if (!visible) return refuse(Refusal::not_found, "grant.unknown");
        filter.after = {grant->requested_at, grant->id};
    }
    SP_TRY(filter.count_max, rows_wanted(call.input));
    return governance::list_grants(tx, filter);
}

Result<Reply> list(store::Tx& tx, const Call& call) {
    SP_TRY(const auto grants, visible_grants(tx, call));
    auto json = nlohmann::json::array();
    for (const auto& grant : grants) {
        json.push_back(to_json(tx, grant, call.moment.now));
    }
    nlohmann::json body{{"grants", json}};
    if (const auto next = next_of(grants, id_of)) body["next"] = *next;
    return answer(body);
}

Result<Reply> request(store::Tx& tx, const Call& call) {
    SP_TRY(const auto name_text, call.input.required("device"));
    const auto name = directory::DeviceName::parse(name_text);
    const auto device = name ? directory::find_device(tx, *name) : std::nullopt;
    if (!device) return refuse(Refusal::not_found, "device.unknown");
    SP_TRY(const auto from, call.input.time("from"));
    SP_TRY(const auto until, call.input.time("until"));

    const governance::GrantRequest wanted{
        .device = device->id,
        .purpose = call.input.text("purpose"),
        .change_ticket = call.input.text("change_ticket"),
        .from = from,
        .until = until,
        .capabilities = call.input.list("capabilities"),
    };
    SP_TRY(
        const auto grant,
        governance::request_grant(tx, call.moment, call.policy, *call.permit, wanted, call.actor)
    );
    return done(to_json(tx, grant, call.moment.now), "/", 201);
}

Handler decide(Verdict verdict) {
    return [verdict](store::Tx& tx, const Call& call) -> Result<Reply> {
        SP_TRY(const auto id, path_id<GrantId>(call, 0));
        SP_TRY(
            const auto grant,
            governance::decide_grant(
                tx,
                call.moment,
                call.policy,
                *call.permit,
                id,
                verdict,
                call.input.text("reason"),
                call.actor
            )
        );
        return done(to_json(tx, grant, call.moment.now), "/grants");
    };
}

Result<Reply> revoke(store::Tx& tx, const Call& call) {
    SP_TRY(const auto id, path_id<GrantId>(call, 0));
    SP_TRY(
        const auto grant,
        governance::revoke_grant(
            tx, call.moment, *call.permit, id, call.input.text("reason"), call.actor
        )
    );
    auto reply = done(to_json(tx, grant, call.moment.now), "/grants");
    reply.after.ended_grants.emplace_back(id, policy::CutCause::grant_revoked);
    return reply;
}

Html decision_forms(const Grant& grant, const Call& call) {
    const auto path = "/api/grants/" + grant.id.text();
    const bool undecided = grant.state == GrantState::requested && grant.until > call.moment.now;
    if (undecided && may(call, Permission::grant_approve)) {
        const Html reason("<input name=\"reason\" aria-label=\"Reason\" placeholder=\"Reason\">");
        return Html(
            button_form(path + "/approve", "Approve", *call.session),
            " ",
            button_form(path + "/deny", "Deny", *call.session, reason)
        );
    }
    const bool running = grant.state == GrantState::approved && grant.until > call.moment.now;
    if (running && may(call, Permission::grant_revoke)) {
        return button_form(path + "/revoke", "Revoke", *call.session);
    }
    return {};
}

// What nobody decided yet must be found, however much was decided since.
Html other_list(const Call& call) {
    if (!call.input.text("state").empty()) return Html("<p><a href=\"/grants\">All grants</a></p>");
    return Html("<p><a href=\"/grants?state=requested\">Only what waits for a decision</a></p>");
}

Result<Reply> grants_page(store::Tx& tx, const Call& call) {
    SP_TRY(const auto grants, visible_grants(tx, call));
    Html body(
        step_up_note(*call.session, call.policy, call.moment.now, "/grants"),
        other_list(call),
        "<table><thead><tr><th>Who</th><th>Device</th><th>Why</th><th>Ticket</th><th>From</th>"
        "<th>Until</th><th>State</th><th><span "
        "class=\"hidden\">Actions</span></th></tr></thead><tbody>"
    );
    for (const auto& grant : grants) {
        body.add(
            "<tr><td>",
            login_name(tx, grant.requester),
            "</td><td>",
            device_name(tx, grant.device),
            "</td><td>",
            grant.purpose,
            "</td><td>",
            grant.change_ticket,
            "</td><td>",
            shown(grant.from),
            "</td><td>",
            shown(grant.until),
            "</td><td>",
            state_text(grant, call.moment.now),
            "</td><td>",
            decision_forms(grant, call),
            "</td></tr>"
        );
    }
    body.add(
        "</tbody></table>",
        next_page_link(
            "/grants", call.input, {"state", "count"}, next_of(grants, id_of), "Older grants"
        )
    );
    return answer_page(page("Grants", body, call.session, &call.policy));
}

}  // namespace

std::vector<Route> grant_routes(Services& /*services*/) {
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = "/api/grants",
         .access = Access::session,
         .permission = Permission::self_read,
         .event = "-",
         .handler = list}
    );
    routes.push_back(
        {.method = "POST",
         .path = "/api/grants",
         .access = Access::session,
         .permission = Permission::grant_request,
         .event = "grant.requested",
         .kind = Kind::write,
         .handler = request}
    );
    routes.push_back(
        {.method = "POST",
         .path = "/api/grants/{id}/approve",
         .access = Access::session,
         .permission = Permission::grant_approve,
         .step_up = StepUp::yes,
         .event = "grant.approved",
         .kind = Kind::write,
         .handler = decide(Verdict::approve)}
    );
    routes.push_back(
        {.method = "POST",
         .path = "/api/grants/{id}/deny",
         .access = Access::session,
         .permission = Permission::grant_approve,
         .step_up = StepUp::yes,
         .event = "grant.denied",
         .kind = Kind::write,
         .handler = decide(Verdict::deny)}
    );
    routes.push_back(
        {.method = "POST",
         .path = "/api/grants/{id}/revoke",
         .access = Access::session,
         .permission = Permission::grant_revoke,
         .step_up = StepUp::yes,
         .event = "grant.revoked",
         .kind = Kind::write,
         .handler = revoke,
         .in_alarm = InAlarm::allowed}
    );
    routes.push_back(
        {.method = "GET",
         .path = "/grants",
         .access = Access::session,
         .permission = Permission::grant_read,
         .event = "-",
         .handler = grants_page}
    );
    return routes;
}

}  // namespace sallyport::api
