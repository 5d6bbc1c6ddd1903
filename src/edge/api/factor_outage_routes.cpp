#include "edge/api/factor_outage_routes.h"

#include "domain/authn/factor_outage.h"
#include "edge/api/answers.h"
#include "edge/api/pages/console_view.h"
#include "edge/api/pages/layout.h"

#include <nlohmann/json.hpp>

namespace sallyport::api {

namespace {

using authn::all_outages;
using policy::Permission;

authn::Surroundings surroundings_of(const Services& services) {
    return {
        .push_service = !services.push.hosts.empty(),
        .certificate_status = services.site.card_status_asked,
        .smart_cards = !services.site.card_origin.empty(),
        .mail = services.sends_mail,
    };
}

nlohmann::json to_json(const authn::ShutOut& shut_out) {
    return {{"people", shut_out.people}, {"login_names", shut_out.login_names}};
}

nlohmann::json to_json(const std::vector<authn::WayIn>& ways) {
    auto json = nlohmann::json::array();
    for (const auto& way : ways) {
        auto under = nlohmann::json::array();
        for (const auto effect : way.under) {
            under.push_back(authn::to_text(effect));
        }
        json.push_back({{"name", way.name}, {"under", under}});
    }
    return json;
}

nlohmann::json to_json(const authn::RoleInOutages& role) {
    auto shut_out = nlohmann::json::array();
    for (const auto& under : role.shut_out) {
        shut_out.push_back(to_json(under));
    }
    return {
        {"role", role.role},
        {"scope", role.scope},
        {"strength", policy::to_text(role.strength)},
        {"people", role.people},
        {"already", to_json(role.already)},
        {"ways", to_json(role.ways)},
        {"ways_back", to_json(role.ways_back)},
        {"shut_out", shut_out},
    };
}

Result<Reply> page_of_outages(store::Tx& /*tx*/, const Call& call) {
    const auto body = console_view("factor-outages", "/api/factor-outages");
    return answer_page(page(
        "What still works when something is gone", body, call.session, &call.policy, console_head()
    ));
}

}  // namespace

std::vector<Route> factor_outage_routes(Services& services) {
    auto matrix = [&services](store::Tx& tx, const Call& call) -> Result<Reply> {
        auto outages = nlohmann::json::array();
        for (const auto outage : all_outages) {
            outages.push_back(authn::to_text(outage));
        }
        auto roles = nlohmann::json::array();
        const auto surroundings = surroundings_of(services);
        for (const auto& role :
             authn::factor_outages(tx, call.policy, surroundings, call.moment.now)) {
            roles.push_back(to_json(role));
        }
        return answer({{"outages", outages}, {"roles", roles}});
    };
    return {
        {.method = "GET",
         .path = "/api/factor-outages",
         .access = Access::session,
         .permission = Permission::policy_read,
         .event = "-",
         .handler = std::move(matrix)},
        {.method = "GET",
         .path = "/outages",
         .access = Access::session,
         .permission = Permission::policy_read,
         .event = "-",
         .handler = page_of_outages},
    };
}

}  // namespace sallyport::api
