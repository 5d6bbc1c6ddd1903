#include "edge/api/home_routes.h"

#include "domain/authn/person_notice.h"
#include "domain/authn/second_factor_due.h"
#include "domain/directory/device.h"
#include "domain/governance/grants.h"
#include "domain/governance/notice.h"
#include "domain/session/sender_key.h"
#include "edge/api/answers.h"
#include "edge/api/flow_cookie.h"
#include "edge/api/pages/layout.h"
#include "edge/api/pages/urgent_notes.h"
#include "edge/api/paging.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace sallyport::api {

namespace {

using governance::Grant;
using governance::GrantState;
using policy::Permission;

bool may(const Call& call, Permission permission) {
    const auto* const role = call.policy.role(call.session->role);
    return role != nullptr && role->permissions.test(static_cast<std::size_t>(permission));
}

Text words_for(const Grant& grant, Time now) {
    if (grant.state == GrantState::denied) return "denied";
    if (grant.state == GrantState::revoked) return "ended early";
    if (grant.until <= now) return "over";
    if (grant.state == GrantState::requested) return "waiting for an approver";
    return grant.from <= now ? Text("open now") : Text("approved, not begun");
}

// What a visit usually needs, so that in a hurry nothing is to be typed but what it is for.
constexpr std::chrono::hours usual_visit{1};

// As <input type="datetime-local"> has it: "2026-11-22T08:30".
std::string minute(Time time) {
    constexpr std::size_t size = std::string_view("2026-11-22T08:30").size();
    return to_text(time).substr(0, size);
}

Html request_form(store::Tx& tx, const Call& call) {
    Html devices;
    for (const auto& device : directory::list_devices(tx)) {
        if (device.state == directory::DeviceState::retired) continue;
        devices.add("<option>", device.name.text(), "</option>");
    }
    return Html(
        "<h2>Ask for access</h2><form method=\"post\" action=\"/api/grants\">",
        csrf_field(*call.session),
        "<label>Device<select name=\"device\" required>",
        devices,
        "</select></label>",
        input_field(
            "What you will do", "purpose", "text", "required minlength=\"10\" maxlength=\"500\""
        ),
        input_field("Change ticket", "change_ticket", "text", "required maxlength=\"64\""),
        input_field("From (UTC)", "from", "datetime-local", "required", minute(call.moment.now)),
        input_field(
            "Until (UTC)",
            "until",
            "datetime-local",
            "required",
            minute(call.moment.now + usual_visit)
        ),
        input_field("Special capabilities, e.g. firmware", "capabilities", "text", ""),
        "<button>Ask</button></form>"
    );
}

// What tells one pump from the next, for somebody who stands in front of it.
Html where_it_stands(const directory::Device& device) {
    if (device.details.ward.empty()) return {};
    return Html(" <strong class=\"ward\">", device.details.ward, "</strong>");
}

// Told at every sign-in while there is time to choose how (S0-53).
Html second_factor_note(store::Tx& tx, const Call& call) {
    const auto account = directory::find_account(tx, call.session->account);
    if (!account || !authn::will_second_factor_be_due(tx, call.policy, *account, call.moment.now)) {
        return {};
    }
    return Html(
        "<p class=\"note\" id=\"second-factor\">Soon signing in takes two factors for everybody. "
        "<a href=\"/security\">Add an authenticator app or a passkey before that.</a> From: ",
        shown(*call.policy.two_factors_for_all_from),
        ".</p>"
    );
}

class HomeHandlers {
public:
    explicit HomeHandlers(Services& services) : services_(services) {}

    Result<Reply> home(store::Tx& tx, const Call& call) const {
        Html body;
        if (!authn::unread_notices(tx, call.session->account).empty()) {
            body.add(
                "<p class=\"note\">Something about how you sign in has changed, or is about to: "
                "<a href=\"/security\">read it</a>.</p>"
            );
        }
        body.add(
            second_factor_note(tx, call),
            only_administrator_note(tx, call.policy, *call.session),
            second_authenticator_note(tx, call.policy, *call.session, call.moment.now)
        );
        if (may(call, Permission::device_visit)) {
            if (!session::sender_key_of(tx, call.session->id)) {
                body.add(
                    "<p class=\"note\" id=\"no-key\">This sign-in opens no device: when you signed "
                    "in, "
                    "your browser ran no scripts or kept no key. Sign out, allow scripts for this "
                    "page, and sign in again in a window that is not private.</p>"
                );
            }
            SP_TRY(const auto requests, my_requests(tx, call));
            body.add(reachable(tx, call), requests, request_form(tx, call));
        } else {
            body.add("<p>Choose above what you want to look at.</p>");
        }
        return answer_page(
            page(Html("Hello, ", call.session->login_name), body, call.session, &call.policy)
        );
    }

    static Result<Reply> notice_page(store::Tx& /*tx*/, const Call& call) {
        const Html body(
            "<div class=\"note\"><p>",
            call.policy.notice_text,
            "</p></div><form method=\"post\" "
            "action=\"/api/notice\">",
            csrf_field(*call.session),
            "<input type=\"hidden\" name=\"version\" value=\"",
            call.policy.notice_version,
            "\"><input type=\"hidden\" name=\"next\" value=\"",
            safe_next(call.input.text("next")),
            "\"><button>I have read this</button></form>"
        );
        return answer_page(page("Visits are recorded", body, call.session, &call.policy));
    }

    static Result<Reply> accept_notice(store::Tx& tx, const Call& call) {
        // Who accepts names what was read; an older page must not accept a newer text.
        const auto read = call.input.text("version");
        if (!read.empty() && read != call.policy.notice_version) {
            return refuse(Refusal::conflict, "notice.outdated");
        }
        SP_CHECK(governance::accept_notice(
            tx, call.moment, call.session->account, call.policy.notice_version, call.actor
        ));
        return done({{"accepted", call.policy.notice_version}}, safe_next(call.input.text("next")));
    }

private:
    [[nodiscard]] Html reachable(store::Tx& tx, const Call& call) const {
        Html cards("<h2>Devices you may reach now</h2><ul class=\"cards\">");
        bool any = false;
        for (const auto& grant :
             governance::open_grants(tx, call.session->account, call.moment.now)) {
            const auto device = directory::find_device(tx, grant.device).value();
            // The first has the focus: after the code, Enter leads to the device.
            cards.add(
                "<li class=\"card\"><h2><a href=\"",
                services_.site.device_origin(device.name.text()) + "/",
                any ? Html("\">") : Html("\" autofocus>"),
                device.name.text(),
                "</a></h2><p>",
                "<strong class=\"serial\">",
                device.serial,
                "</strong>",
                where_it_stands(device),
                "</p><p>",
                grant.purpose,
                "<br><small>ticket ",
                grant.change_ticket,
                ", until ",
                shown(grant.until),
                "</small></p></li>"
            );
            any = true;
        }
        if (!any) cards.add("<li class=\"card\">None. Ask for access below.</li>");
        return cards.add("</ul>");
    }

    static Result<Html> my_requests(store::Tx& tx, const Call& call) {
        governance::GrantFilter filter{.requester = call.session->account};
        if (const auto after = call.input.text("after"); !after.empty()) {
            SP_TRY(const auto id, GrantId::parse(after));
            const auto grant = governance::find_grant(tx, id);
            if (!grant || grant->requester != call.session->account) {
                return refuse(Refusal::not_found, "grant.unknown");
            }
            filter.after = {grant->requested_at, grant->id};
        }
        const auto grants = governance::list_grants(tx, filter);
        if (grants.empty()) return Html();
        Html table(
            "<h2>Your requests</h2><table><thead><tr><th>Device</th><th>Why</th><th>From</th>"
            "<th>Until</th><th>State</th></tr></thead><tbody>"
        );
        for (const auto& grant : grants) {
            const auto device = directory::find_device(tx, grant.device);
            table.add(
                "<tr><td>",
                device ? device->name.text() : grant.device.text(),
                "</td><td>",
                grant.purpose,
                "</td><td>",
                shown(grant.from),
                "</td><td>",
                shown(grant.until),
                "</td><td>",
                words_for(grant, call.moment.now),
                "</td></tr>"
            );
        }
        const auto next = next_of(grants, [](const Grant& grant) { return grant.id; });
        table.add("</tbody></table>", next_page_link("/", call.input, {}, next, "Older requests"));
        return table;
    }

    Services& services_;
};

}  // namespace

std::vector<Route> home_routes(Services& services) {
    const auto handlers = std::make_shared<HomeHandlers>(services);
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = "/",
         .access = Access::session,
         .permission = Permission::self_read,
         .event = "-",
         .handler = [handlers](store::Tx& tx, const Call& call) { return handlers->home(tx, call); }
        }
    );
    routes.push_back(
        {.method = "GET",
         .path = "/notice",
         .access = Access::session,
         .permission = Permission::self_read,
         .event = "-",
         .handler = HomeHandlers::notice_page}
    );
    routes.push_back(
        {.method = "POST",
         .path = "/api/notice",
         .access = Access::session,
         .permission = Permission::self_manage,
         .event = "notice.accepted",
         .kind = Kind::write,
         .handler = HomeHandlers::accept_notice}
    );
    return routes;
}

}  // namespace sallyport::api
