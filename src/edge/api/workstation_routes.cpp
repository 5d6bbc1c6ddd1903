#include "edge/api/workstation_routes.h"

#include "base/core/bytes.h"
#include "domain/authn/badge/badge_reader.h"
#include "domain/authn/certificate/workstation_standing.h"
#include "domain/policy/workstation_posture.h"
#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"
#include "edge/http/set_cookie.h"
#include "edge/http/url_token.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using directory::Workstation;
using policy::Permission;

// Browsers keep a cookie for 400 days at most (RFC 6265bis §5.5).
constexpr std::chrono::hours cookie_age{400 * 24};

Result<Reply> list(store::Tx& tx, const Call& /*call*/) {
    auto json = nlohmann::json::array();
    const auto judged = authn::standings(tx);
    for (const auto& workstation : directory::list_workstations(tx)) {
        auto each = to_json(workstation);
        if (const auto at = judged.find(workstation.id); at != judged.end()) {
            each["certificate_refused"] = at->second.refused;
        }
        json.push_back(std::move(each));
    }
    return answer({{"workstations", json}});
}

Result<Reply> register_here(store::Tx& tx, const Call& call) {
    SP_TRY(const auto name, call.input.required("name"));
    SP_TRY(const auto zone, zone_in(call));
    SP_TRY(
        const auto made, directory::register_workstation(tx, call.moment, name, zone, call.actor)
    );
    auto reply = done(to_json(made.workstation), "/workstations", 201);
    reply.cookies.push_back(workstation_cookie_header(made.token));
    return reply;
}

Result<Reply> remove(store::Tx& tx, const Call& call) {
    SP_TRY(const auto id, path_id<directory::WorkstationId>(call, 0));
    SP_CHECK(directory::remove_workstation(tx, call.moment, id, call.actor));
    return done({{"removed", id.text()}}, "/workstations");
}

// One button for each way in which badges are used there.
Html reader_forms(store::Tx& tx, const Workstation& workstation, const session::Session& session) {
    const auto mode = authn::reader_mode_at(tx, workstation.id);
    Html html;
    if (mode) html.add("Badge reader: ", authn::to_text(*mode), " ");
    const auto path = "/api/workstations/" + workstation.id.text() + "/badge-reader";
    html.add(
        button_form(
            path,
            "Badge reader, tapped",
            session,
            Html("<input type=\"hidden\" name=\"mode\" value=\"tap\">")
        ),
        " ",
        button_form(
            path,
            "Badge reader, badge stays",
            session,
            Html("<input type=\"hidden\" name=\"mode\" value=\"stay\">")
        ),
        " "
    );
    return html;
}

// As a session there would be judged now, and since when that is known.
std::string posture_text(store::Tx& tx, const Call& call, const Workstation& workstation) {
    const auto claims = policy::posture_of(tx, workstation.name);
    const auto judged =
        policy::judge_posture(call.policy.context.os_floors, claims, call.moment.now);
    std::string text = judged == policy::Posture::compliant       ? "in order"
                       : judged == policy::Posture::not_compliant ? "not in order"
                                                                  : "unknown";
    if (claims) text += ", reported " + shown(claims->reported_at);
    return text;
}

// "-" for one that is known by its cookie alone.
std::string certificate_text(
    const std::map<directory::WorkstationId, authn::Standing>& judged,
    const Workstation& workstation,
    Time now
) {
    const auto found = judged.find(workstation.id);
    if (found == judged.end()) return "-";
    const auto& [until, refused] = found->second;
    auto text = (now < until ? "stands until " : "over since ") + shown(until);
    if (!refused.empty()) text += ", last answer: " + refused;
    return text;
}

Html workstation_table(store::Tx& tx, const Call& call) {
    Html html(
        "<table><thead><tr><th>Name</th><th>Zone</th><th>Since</th><th>Posture</"
        "th><th>Certificate</th><th><span "
        "class=\"hidden\">"
        "Actions</span></th></tr></thead><tbody>"
    );
    const auto here = workstation_of(tx, call.request, call.moment.now);
    const auto judged = authn::standings(tx);
    for (const auto& each : directory::list_workstations(tx)) {
        html.add(
            "<tr><td>",
            each.name,
            here && here->id == each.id ? std::string(" (this one)") : std::string(),
            "</td><td>",
            each.zone,
            "</td><td>",
            shown(each.registered_at),
            "</td><td>",
            posture_text(tx, call, each),
            "</td><td>",
            certificate_text(judged, each, call.moment.now),
            "</td><td>",
            reader_forms(tx, each, *call.session),
            button_form("/api/workstations/" + each.id.text() + "/remove", "Remove", *call.session),
            "</td></tr>"
        );
    }
    return html.add("</tbody></table>");
}

// The same form, sent by way of the card host.
Html button_for_certificate(const Site& site) {
    if (site.card_origin.empty()) return {};
    return Html(
        " <button formaction=\"/api/workstations/certificate\">Register with the machine's "
        "certificate</button>"
    );
}

Result<Reply> page_of_workstations(store::Tx& tx, const Call& call, const Site& site) {
    Html zones;
    for (const auto& zone : call.policy.zones) {
        zones.add("<option>", zone.name, "</option>");
    }
    const Html body(
        "<p>At a registered workstation a clinician whose session went idle comes back with one "
        "factor.</p>",
        step_up_note(*call.session, call.policy, call.moment.now, "/workstations"),
        workstation_table(tx, call),
        "<h2>Register this browser</h2><form method=\"post\" action=\"/api/workstations\">",
        csrf_field(*call.session),
        input_field("Name of the workstation", "name", "text", "required maxlength=\"64\""),
        "<label>Zone<select name=\"zone\" required>",
        zones,
        "</select></label><button>Register</button>",
        button_for_certificate(site),
        "</form>"
    );
    return answer_page(page("Workstations", body, call.session, &call.policy));
}

Route looking(std::string_view path, Handler handler) {
    return {
        .method = "GET",
        .path = path,
        .access = Access::session,
        .permission = Permission::user_read,
        .event = "-",
        .handler = std::move(handler),
    };
}

Route changing(std::string_view path, std::string_view event, Handler handler) {
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

nlohmann::json to_json(const Workstation& workstation) {
    return {
        {"id", workstation.id.text()},
        {"name", workstation.name},
        {"zone", workstation.zone},
        {"registered_at", to_text(workstation.registered_at)},
        {"stands_until",
         workstation.stands_until ? nlohmann::json(to_text(*workstation.stands_until))
                                  : nlohmann::json()},
    };
}

std::string workstation_cookie_header(const crypto::Secret& token) {
    return http::host_cookie(
        workstation_cookie, to_base64url(token.expose()), http::SameSite::lax, cookie_age
    );
}

Result<std::string> zone_in(const Call& call) {
    SP_TRY(auto zone, call.input.required("zone"));
    const auto known = std::ranges::find(call.policy.zones, zone, &policy::Zone::name);
    if (known == call.policy.zones.end()) {
        return refuse(Refusal::invalid, "workstation.zone_unknown");
    }
    return zone;
}

std::optional<Workstation> workstation_of(store::Tx& tx, const http::Request& request, Time now) {
    const auto text = http::cookie(request, workstation_cookie);
    if (!text) return std::nullopt;
    const auto token = from_base64url(*text);
    if (!token) return std::nullopt;
    return directory::find_workstation(tx, *token, now);
}

audit::Where with_workstation(
    store::Tx& tx, const http::Request& request, audit::Where where, Time now
) {
    if (const auto here = workstation_of(tx, request, now)) where.workstation = here->name;
    return where;
}

std::vector<Route> workstation_routes(Services& services) {
    const auto page = [&site = services.site](store::Tx& tx, const Call& call) {
        return page_of_workstations(tx, call, site);
    };
    return {
        looking("/api/workstations", list),
        looking("/workstations", page),
        changing("/api/workstations", "workstation.registered", register_here),
        changing("/api/workstations/{id}/remove", "workstation.removed", remove),
    };
}

}  // namespace sallyport::api
