#include "edge/api/policy_routes.h"

#include "domain/policy/policy_lint.h"
#include "domain/policy/policy_store.h"
#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace sallyport::api {

namespace {

using policy::Permission;
using policy::PolicyVersion;

// What is unwise about a proposal; decided versions are as they are.
std::vector<policy::PolicyWarning> warnings_about(const PolicyVersion& version) {
    if (version.state != policy::VersionState::proposed) return {};
    const auto wanted = policy::parse_policy(version.json);
    if (!wanted) return {};
    return policy::lint_policy(*wanted);
}

nlohmann::json warnings_json(const PolicyVersion& version) {
    auto json = nlohmann::json::array();
    for (const auto& warning : warnings_about(version)) {
        json.push_back({{"name", warning.name}, {"member", warning.member}, {"text", warning.text}}
        );
    }
    return json;
}

nlohmann::json to_json(const PolicyVersion& version) {
    nlohmann::json json{
        {"version", version.version},
        {"based_on", version.based_on},
        {"state", policy::to_text(version.state)},
        {"diff", version.diff},
        {"rationale", version.rationale},
        {"proposed_at", to_text(version.proposed_at)},
        {"warnings", warnings_json(version)},
    };
    if (version.proposed_by) json["proposed_by"] = version.proposed_by->text();
    if (version.decided_by) json["decided_by"] = version.decided_by->text();
    if (version.decided_at) json["decided_at"] = to_text(*version.decided_at);
    return json;
}

Result<std::int64_t> version_in_path(const Call& call) {
    const auto& text = call.path_values.at(0);
    constexpr std::size_t digits_max = 12;
    const bool number =
        text.size() <= digits_max && text.find_first_not_of("0123456789") == std::string::npos;
    if (!number) return refuse(Refusal::not_found, "policy.unknown_version");
    return std::stoll(text);
}

Result<Reply> in_force(store::Tx& /*tx*/, const Call& call) {
    return answer(nlohmann::json::parse(policy::to_json(call.policy)));
}

Result<Reply> versions(store::Tx& tx, const Call& /*call*/) {
    auto json = nlohmann::json::array();
    for (const auto& version : policy::list_policy_versions(tx)) {
        json.push_back(to_json(version));
    }
    return answer({{"versions", json}});
}

Result<Reply> propose(store::Tx& tx, const Call& call) {
    SP_TRY(const auto wanted, call.input.required("policy"));
    SP_TRY(
        const auto proposed,
        policy::propose_policy(
            tx, call.moment, *call.permit, wanted, call.input.text("rationale"), call.actor
        )
    );
    return done(to_json(proposed), "/policy", 201);
}

Result<Reply> approve(store::Tx& tx, const Call& call) {
    SP_TRY(const auto version, version_in_path(call));
    SP_TRY(
        const auto applied,
        policy::approve_policy(tx, call.moment, *call.permit, version, call.actor)
    );
    auto reply = done(to_json(applied), "/policy");
    reply.after.policy = policy::policy_in_force(tx);
    return reply;
}

Result<Reply> reject(store::Tx& tx, const Call& call) {
    SP_TRY(const auto version, version_in_path(call));
    SP_TRY(
        const auto rejected,
        policy::reject_policy(tx, call.moment, *call.permit, version, call.actor)
    );
    return done(to_json(rejected), "/policy");
}

Html roles_table(const policy::Policy& policy) {
    Html html(
        "<table><thead><tr><th>Role</th><th>Scope</th><th>Can</th><th>Can't</th><th>Idle</th>"
        "<th>Longest</th><th>Why these times</th></tr></thead><tbody>"
    );
    for (const auto& role : policy.roles) {
        html.add(
            "<tr><td>",
            role.name,
            "</td><td>",
            role.scope,
            "</td><td>",
            role.can,
            "</td><td>",
            role.cannot,
            "</td><td>",
            role.idle.count() / 60,
            " min</td><td>",
            role.absolute.count() / 3600,
            " h</td><td>",
            role.timer_rationale,
            "</td></tr>"
        );
    }
    return html.add("</tbody></table>");
}

Html step_up_list(const policy::Policy& policy) {
    Html html("<ul>");
    for (std::size_t i = 0; i < policy::permission_count; ++i) {
        if (!policy.step_up.test(i)) continue;
        html.add("<li><code>", to_text(static_cast<Permission>(i)), "</code></li>");
    }
    return html.add("</ul>");
}

Html zones_table(const policy::Policy& policy) {
    if (policy.zones.empty()) {
        return Html("<p>No zone is named: where somebody is makes no difference.</p>");
    }
    Html html("<table><thead><tr><th>Zone</th><th>Kind</th><th>Networks</th></tr></thead><tbody>");
    for (const auto& zone : policy.zones) {
        html.add("<tr><td>", zone.name, "</td><td>", to_text(zone.kind), "</td><td>");
        for (const auto& network : zone.networks) {
            html.add(network.text(), "<br>");
        }
        html.add("</td></tr>");
    }
    return html.add("</tbody></table>");
}

Html timer_profiles_table(const policy::Policy& policy) {
    if (policy.timer_profiles.empty()) return {};
    Html html(
        "<table><thead><tr><th>Role</th><th>In zones of kind</th><th>Idle</th><th>Longest</th>"
        "<th>Why these times</th></tr></thead><tbody>"
    );
    for (const auto& profile : policy.timer_profiles) {
        html.add(
            "<tr><td>",
            profile.role,
            "</td><td>",
            to_text(profile.zone),
            "</td><td>",
            profile.idle.count() / 60,
            " min</td><td>",
            profile.absolute.count() / 3600,
            " h</td><td>",
            profile.rationale,
            "</td></tr>"
        );
    }
    return html.add("</tbody></table>");
}

Html warnings_list(const PolicyVersion& version) {
    const auto warnings = warnings_about(version);
    if (warnings.empty()) return {};
    Html html("<ul class=\"note\">");
    for (const auto& warning : warnings) {
        html.add("<li><code>", warning.member, "</code>: ", warning.text, "</li>");
    }
    return html.add("</ul>");
}

Result<Reply> policy_page(store::Tx& tx, const Call& call) {
    Html body("<p>Version ", call.policy.version, " is in force.</p>", roles_table(call.policy));
    body.add(
        "<h2>Sensitive actions</h2><p>They ask again who one is when the last proof is older than ",
        call.policy.step_up_age.count() / 60,
        " minutes.</p>",
        step_up_list(call.policy)
    );
    body.add("<h2>Zones</h2>", zones_table(call.policy), timer_profiles_table(call.policy));
    body.add("<h2>Versions</h2><ul>");
    for (const auto& version : policy::list_policy_versions(tx)) {
        body.add(
            "<li>",
            version.version,
            " <strong>",
            policy::to_text(version.state),
            "</strong> ",
            version.rationale,
            "<pre>",
            version.diff,
            "</pre>",
            warnings_list(version)
        );
        if (version.state == policy::VersionState::proposed) {
            const auto path = "/api/policy/proposals/" + std::to_string(version.version);
            body.add(button_form(path + "/approve", "Approve", *call.session));
            body.add(" ", button_form(path + "/reject", "Reject", *call.session));
        }
        body.add("</li>");
    }
    body.add("</ul>");
    return answer_page(page("Policy", body, call.session, &call.policy));
}

Route route(
    std::string_view method,
    std::string_view path,
    Permission permission,
    std::string_view event,
    Handler handler
) {
    const bool changes = method != "GET";
    return {
        .method = method,
        .path = path,
        .access = Access::session,
        .permission = permission,
        .step_up = changes ? StepUp::yes : StepUp::no,
        .event = event,
        .kind = changes ? Kind::write : Kind::read,
        .handler = std::move(handler),
    };
}

}  // namespace

std::vector<Route> policy_routes(Services& /*services*/) {
    return {
        route("GET", "/api/policy", Permission::policy_read, "-", in_force),
        route("GET", "/api/policy/versions", Permission::policy_read, "-", versions),
        route(
            "POST", "/api/policy/proposals", Permission::policy_propose, "config.proposed", propose
        ),
        route(
            "POST",
            "/api/policy/proposals/{version}/approve",
            Permission::policy_approve,
            "config.applied",
            approve
        ),
        route(
            "POST",
            "/api/policy/proposals/{version}/reject",
            Permission::policy_approve,
            "config.rejected",
            reject
        ),
        route("GET", "/policy", Permission::policy_read, "-", policy_page),
    };
}

}  // namespace sallyport::api
