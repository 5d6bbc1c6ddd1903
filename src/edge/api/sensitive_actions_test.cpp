// The sensitive actions that the requirement lists, and every route by which each of them is done;
// commands have no other way (command_table.h).

#include "edge/api/api_test_house.h"
#include "edge/api/route_samples.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;
using enum policy::Permission;

struct SensitiveAction {
    std::string_view said;  // by the requirement
    std::vector<policy::Permission> permissions;
    std::string_view such_as;  // one of its routes; none: there is no route yet
};

// Of a user, looking is no sensitive action (user.read). Keys are changed on the server's host
// alone, where nobody is signed in (`sallyport audit rotate-key`): a route that does it will be
// asked here like the others.
const std::vector<SensitiveAction> sensitive_actions{
    {"user CRUD", {user_manage}, "POST /api/users/{name}/delete"},
    {"role change", {user_manage}, "POST /api/users/{name}/role"},
    {"export", {audit_export, backup_make}, "POST /api/audit/export"},
    {"vault item change", {vault_manage}, "POST /api/devices/{name}/credential"},
    {"policy change", {policy_propose, policy_approve}, "POST /api/policy/proposals"},
    {"recording export", {recording_export}, "POST /api/recordings/{id}/export"},
    {"key operations", {key_manage}, ""},
    {"recovery approval", {recovery_approve}, "POST /api/recovery/{id}/approve"},
};

std::string name_of(const Route& route) {
    return std::string(route.method) + " " + std::string(route.path);
}

std::vector<Route> routes_with(ApiTestHouse& house, policy::Permission permission) {
    std::vector<Route> found;
    std::ranges::copy_if(
        house.router().routes(),
        std::back_inserter(found),
        [&](const Route& route) { return route.permission == permission; }
    );
    return found;
}

bool lists(const nlohmann::json& document, policy::Permission action) {
    const auto& list = document["step_up"];
    return std::ranges::find(list, nlohmann::json(policy::to_text(action))) != list.end();
}

bool has(const TestPerson& person, policy::Permission permission) {
    static const auto shipped = policy::default_policy();
    return shipped.role(person.role)->permissions.test(static_cast<std::size_t>(permission));
}

TEST_CASE(
    "S0-52 (part): every route of every sensitive action, asked with a stale session, demands "
    "step-up"
) {
    ApiTestHouse house;
    const std::vector<TestPerson*> people{
        &house.administrator(),
        &house.person("paula", "approver"),
        &house.person("otto", "auditor"),
        &house.person("sam", "security_officer"),
    };
    for (auto* const person : people) {
        house.sign_in(*person);
    }
    house.clock.advance(5min + 1s);
    const auto document = house.ask(people.front()->browser, "GET", "/api/policy").json;
    for (const auto& action : sensitive_actions) {
        CAPTURE(action.said);
        std::set<std::string> asked;
        for (const auto permission : action.permissions) {
            CAPTURE(policy::to_text(permission));
            CHECK(lists(document, permission));
            for (const auto& route : routes_with(house, permission)) {
                CAPTURE(name_of(route));
                // Somebody may call it: else the refusal would be for another reason.
                const auto who = std::ranges::find_if(people, [&](const auto* person) {
                    return has(*person, permission);
                });
                REQUIRE(who != people.end());
                const auto method = std::string(route.method);
                const auto answer = house.ask((*who)->browser, method, some_path(route.path));
                CHECK(is_step_up_required(answer));
                asked.insert(name_of(route));
            }
        }
        CHECK(asked.empty() == action.such_as.empty());
        if (!asked.empty()) CHECK(asked.contains(std::string(action.such_as)));
    }
}

TEST_CASE(
    "S0-52 (part): the list of sensitive actions is of a version of the policy, which is shown "
    "with "
    "it, and holds from then on"
) {
    ApiTestHouse house;
    auto& otto = house.person("otto", "auditor");
    const auto ask_stale = [&](const Route& route) {
        return house.ask(otto.browser, std::string(route.method), some_path(route.path));
    };
    const auto check_shown = [&](const nlohmann::json& document) {
        const auto shown = house.page(otto.browser, "/policy");
        const auto version = document["version"].get<int>();
        CHECK(shown.contains(fmt::format("Version {} is in force", version)));
        for (std::size_t i = 0; i < policy::permission_count; ++i) {
            const auto action = static_cast<policy::Permission>(i);
            const auto item = fmt::format("<li><code>{}</code></li>", policy::to_text(action));
            CAPTURE(item);
            CHECK(shown.contains(item) == lists(document, action));
        }
    };
    const auto before = house.ask(otto.browser, "GET", "/api/policy").json;
    check_shown(before);
    house.clock.advance(5min + 1s);
    const auto routes = routes_with(house, recording_read);
    REQUIRE_FALSE(routes.empty());
    for (const auto& route : routes) {
        CHECK_FALSE(is_step_up_required(ask_stale(route)));
    }

    const auto proposed = house.put_in_force([](nlohmann::json& policy) {
        policy["step_up"].push_back("recording.read");
    });
    CHECK(proposed.json.value("diff", "").contains("recording.read"));
    house.sign_in(otto);
    const auto after = house.ask(otto.browser, "GET", "/api/policy").json;
    CHECK(after["version"].get<int>() > before["version"].get<int>());
    CHECK(after["step_up"].size() == before["step_up"].size() + 1);
    check_shown(after);
    house.clock.advance(5min + 1s);
    for (const auto& route : routes) {
        CAPTURE(route.path);
        CHECK(is_step_up_required(ask_stale(route)));
    }
}

}  // namespace

}  // namespace sallyport::api::test
