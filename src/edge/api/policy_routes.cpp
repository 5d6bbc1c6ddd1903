#include "edge/api/policy_routes.h"

#include "domain/directory/account.h"
#include "domain/policy/policy_changes.h"
#include "domain/policy/policy_lint.h"
#include "domain/policy/policy_place.h"
#include "domain/policy/policy_store.h"
#include "edge/api/answers.h"
#include "edge/api/explain.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/policy_versions.h"
#include "edge/api/pages/role_register.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using policy::Permission;
using policy::PolicyVersion;

// Login names, each looked up once.
class Names {
public:
    explicit Names(store::Tx& tx) : tx_(tx) {}

    std::string of(const std::optional<AccountId>& account) {
        if (!account) return {};
        const auto [found, is_new] = names_.try_emplace(*account);
        if (is_new) {
            const auto person = directory::find_account(tx_, *account);
            found->second = person ? person->login_name.text() : account->text();
        }
        return found->second;
    }

private:
    store::Tx& tx_;
    std::map<AccountId, std::string> names_;
};

// What a proposal would change, and what is unwise about it; decided versions are as they are.
ShownVersion as_shown(store::Tx& tx, Names& names, PolicyVersion version) {
    ShownVersion shown;
    shown.proposer = names.of(version.proposed_by);
    shown.decider = names.of(version.decided_by);
    shown.version = std::move(version);
    if (shown.version.state != policy::VersionState::proposed) return shown;
    const auto wanted = policy::parse_policy(shown.version.json);
    if (!wanted) return shown;
    shown.warnings = policy::lint_policy(*wanted);
    const auto base = policy::find_policy_version(tx, shown.version.based_on);
    if (!base) return shown;
    if (const auto before = policy::parse_policy(base->json)) {
        shown.changes = policy::changes_between(*before, *wanted);
    }
    return shown;
}

nlohmann::json to_json(const ShownVersion& shown) {
    const auto& version = shown.version;
    nlohmann::json json{
        {"version", version.version},
        {"based_on", version.based_on},
        {"state", policy::to_text(version.state)},
        {"diff", version.diff},
        {"rationale", version.rationale},
        {"proposed_at", to_text(version.proposed_at)},
        {"changes", nlohmann::json::array()},
        {"warnings", nlohmann::json::array()},
    };
    for (const auto& change : shown.changes) {
        json["changes"].push_back(
            {{"about", change.about},
             {"what", change.what},
             {"from", change.from},
             {"to", change.to},
             {"weaker", change.weaker}}
        );
    }
    for (const auto& warning : shown.warnings) {
        json["warnings"].push_back(
            {{"name", warning.name}, {"member", warning.member}, {"text", warning.text}}
        );
    }
    if (version.proposed_by) json["proposed_by"] = version.proposed_by->text();
    if (version.decided_by) json["decided_by"] = version.decided_by->text();
    if (version.decided_at) json["decided_at"] = to_text(*version.decided_at);
    if (!shown.proposer.empty()) json["proposer"] = shown.proposer;
    if (!shown.decider.empty()) json["decider"] = shown.decider;
    return json;
}

nlohmann::json to_json(store::Tx& tx, PolicyVersion version) {
    Names names(tx);
    return to_json(as_shown(tx, names, std::move(version)));
}

bool may(const Call& call, Permission permission) {
    const auto* const role = call.policy.role(call.session->role);
    return role != nullptr && role->permissions.test(static_cast<std::size_t>(permission));
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
    Names names(tx);
    for (auto& version : policy::list_policy_versions(tx)) {
        json.push_back(to_json(as_shown(tx, names, std::move(version))));
    }
    return answer({{"versions", json}});
}

Result<Reply> approve(store::Tx& tx, const Call& call) {
    SP_TRY(const auto version, version_in_path(call));
    SP_TRY(
        auto applied, policy::approve_policy(tx, call.moment, *call.permit, version, call.actor)
    );
    auto reply = done(to_json(tx, std::move(applied)), "/policy");
    reply.after.policy = policy::policy_in_force(tx);
    return reply;
}

Result<Reply> reject(store::Tx& tx, const Call& call) {
    SP_TRY(const auto version, version_in_path(call));
    SP_TRY(
        auto rejected, policy::reject_policy(tx, call.moment, *call.permit, version, call.actor)
    );
    return done(to_json(tx, std::move(rejected)), "/policy");
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

Html two_factors_note(const policy::Policy& policy) {
    if (!policy.two_factors_for_all_from) return {};
    return Html(
        "<p>From ",
        shown(*policy.two_factors_for_all_from),
        " on two factors are asked of everybody.</p>"
    );
}

Html form_with(const Call& call, std::string_view text, const Refusal* why) {
    const auto rationale = why == nullptr ? std::string() : call.input.text("rationale");
    return proposal_form(text, rationale, why, *call.session);
}

// `why`: of a proposal by the form that was refused; its text is then there to be mended. Else
// null.
Reply policy_page(store::Tx& tx, const Call& call, const Refusal* why) {
    const bool proposes = may(call, Permission::policy_propose);
    const bool decides = may(call, Permission::policy_approve);
    Html body;
    if (proposes || decides) {
        body.add(step_up_note(*call.session, call.policy, call.moment.now, "/policy"));
    }
    // What is to be mended is not looked for below everything else.
    if (why != nullptr) body.add(form_with(call, call.input.text("policy_text"), why));
    body.add("<p>Version ", call.policy.version, " is in force.");
    if (proposes && why == nullptr) body.add(" <a href=\"#propose\">Propose another policy</a>");
    body.add("</p>", two_factors_note(call.policy), "<h2>Roles</h2>", role_register(call.policy));
    body.add(
        "<h2>Sensitive actions</h2><p>They ask again who one is when the last proof is older than ",
        call.policy.step_up_age.count() / 60,
        " minutes.</p>",
        step_up_list(call.policy)
    );
    body.add("<h2>What else raises the demand</h2>", context_register(call.policy));
    body.add("<h2>Zones</h2>", zones_table(call.policy), timer_profiles_table(call.policy));
    body.add("<h2>Versions</h2>");
    Names names(tx);
    for (auto& version : policy::list_policy_versions(tx)) {
        body.add(version_section(as_shown(tx, names, std::move(version)), *call.session, decides));
    }
    if (proposes && why == nullptr) {
        body.add(form_with(call, policy::to_json(call.policy), nullptr));
    }
    return answer_page(page("Policy", body, call.session, &call.policy));
}

Result<Reply> look(store::Tx& tx, const Call& call) {
    return policy_page(tx, call, nullptr);
}

Result<PolicyVersion> proposed(store::Tx& tx, const Call& call) {
    const auto rationale = call.input.text("rationale");
    const auto text = call.input.text("policy_text");
    if (text.empty()) {
        SP_TRY(const auto wanted, call.input.required("policy"));
        return policy::propose_policy(tx, call.moment, *call.permit, wanted, rationale, call.actor);
    }
    // Somebody's own file: what is wrong with it is told with its place there.
    auto version =
        policy::propose_policy(tx, call.moment, *call.permit, text, rationale, call.actor);
    if (version || version.error().kind != Refusal::invalid) return version;
    auto why = version.error();
    if (const auto place = policy::place_of(text, why.detail)) {
        why.detail = fmt::format("line {}, column {}: {}", place->line, place->column, why.detail);
    }
    return std::unexpected(std::move(why));
}

Result<Reply> propose(store::Tx& tx, const Call& call) {
    auto version = proposed(tx, call);
    if (version) return done(to_json(tx, *std::move(version)), "/policy", 201);
    const auto& why = version.error();
    const bool mendable = why.kind == Refusal::invalid || why.kind == Refusal::conflict;
    if (call.input.is_json() || !mendable || !may(call, Permission::policy_read)) {
        return std::unexpected(why);
    }
    auto reply = policy_page(tx, call, &why);
    reply.status = explain(why).status;
    return reply;
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
        route("GET", "/policy", Permission::policy_read, "-", look),
    };
}

}  // namespace sallyport::api
