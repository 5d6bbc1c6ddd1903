#include "edge/api/statistics_routes.h"

#include "domain/governance/sign_in_statistics.h"
#include "edge/api/answers.h"
#include "edge/api/pages/console_view.h"
#include "edge/api/pages/layout.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <chrono>

namespace sallyport::api {

namespace {

using policy::Permission;

constexpr int days_default = 30;
constexpr int days_max = 366;

Result<std::chrono::days> days_in(const Input& input) {
    const auto text = input.text("days");
    if (text.empty()) return std::chrono::days(days_default);
    int days = 0;
    const auto* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, days);
    if (error != std::errc() || at != end || days < 1 || days > days_max) {
        return refuse(Refusal::invalid, "statistics.days", "days");
    }
    return std::chrono::days(days);
}

Result<Reply> sign_ins(store::Tx& tx, const Call& call) {
    SP_TRY(const auto days, days_in(call.input));
    const auto until = call.moment.now;
    const Time from = until - days;
    auto roles = nlohmann::json::array();
    for (const auto& role : governance::sign_in_statistics(tx, from, until)) {
        roles.push_back({
            {"role", role.role},
            {"sign_ins", role.sign_ins},
            {"phishing_resistant", role.phishing_resistant},
            {"shifts", role.shifts},
            {"prompts", role.prompts},
        });
    }
    return answer({{"from", to_text(from)}, {"until", to_text(until)}, {"roles", roles}});
}

Result<Reply> statistics_page(store::Tx& /*tx*/, const Call& call) {
    const auto body = console_view("sign-in-statistics", "/api/statistics/sign-ins");
    return answer_page(page("How people sign in", body, call.session, &call.policy, console_head())
    );
}

}  // namespace

std::vector<Route> statistics_routes() {
    return {
        {.method = "GET",
         .path = "/api/statistics/sign-ins",
         .access = Access::session,
         .permission = Permission::policy_read,
         .event = "-",
         .handler = sign_ins},
        {.method = "GET",
         .path = "/statistics",
         .access = Access::session,
         .permission = Permission::policy_read,
         .event = "-",
         .handler = statistics_page},
    };
}

}  // namespace sallyport::api
