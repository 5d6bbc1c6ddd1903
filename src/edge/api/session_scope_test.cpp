// Other people's sessions and reports are for administrators whose scope reaches them: of anybody
// else's they are told what they would be told of nobody.

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

namespace sallyport::api::test {

namespace {

// anna administers the gateway, clark the clinic, sam looks after both. erik and carla work in one
// each.
struct House {
    std::string session_of(TestPerson& by, const TestPerson& whose) {
        const auto listed = house.ask(by.browser, "GET", "/api/sessions").json["sessions"];
        for (const auto& each : listed) {
            if (each["login_name"] == whose.name) return each["id"].get<std::string>();
        }
        return {};
    }

    Answer end(TestPerson& by, const std::string& session) {
        house.step_up(by);
        return house.ask(by.browser, "POST", "/api/sessions/" + session + "/end");
    }

    bool is_signed_in(TestPerson& who) {
        return house.ask(who.browser, "GET", "/api/session").status == 200;
    }

    std::string report(TestPerson& who) {
        const auto made = house.ask(
            who.browser, "POST", "/api/self/incidents", {{"said", "not me: " + who.name}}
        );
        REQUIRE_MESSAGE(made.status == 201, made.response.body);
        return made.json["id"].get<std::string>();
    }

    std::set<std::string> reporters(TestPerson& by, const std::string& query = {}) {
        std::set<std::string> names;
        const auto shown = house.ask(by.browser, "GET", "/api/incidents" + query).json;
        for (const auto& each : shown["incidents"]) {
            names.insert(each["login_name"].get<std::string>());
        }
        return names;
    }

    bool is_told(TestPerson& who) {
        const auto listed = house.ask(who.browser, "GET", "/api/self/notices").json["notices"];
        return std::ranges::any_of(listed, [](const auto& each) {
            return each["kind"] == "incident_reported";
        });
    }

    ApiTestHouse house;
    TestPerson& anna = house.administrator();
    TestPerson& clark = house.person("clark", "clinical_administrator");
    TestPerson& sam = house.person("sam", "security_officer");
    TestPerson& erik = house.person("erik", "engineer");
    TestPerson& carla = house.person(clark, "carla", "clinician");
};

using Names = std::set<std::string>;

void check_same_as_nobodys(const Answer& answer, const Answer& nobodys) {
    CHECK(answer.status == 404);
    CHECK(answer.status == nobodys.status);
    CHECK(answer.json == nobodys.json);
}

}  // namespace

TEST_CASE("an administrator sees the sessions of people whom their scope reaches, and no others") {
    House house;
    CHECK_FALSE(house.session_of(house.anna, house.erik).empty());
    CHECK_FALSE(house.session_of(house.anna, house.sam).empty());  // sam belongs to both
    CHECK(house.session_of(house.anna, house.carla).empty());
    CHECK(house.session_of(house.anna, house.clark).empty());
    CHECK_FALSE(house.session_of(house.clark, house.carla).empty());
    CHECK(house.session_of(house.clark, house.erik).empty());
    CHECK_FALSE(house.session_of(house.sam, house.erik).empty());
    CHECK_FALSE(house.session_of(house.sam, house.carla).empty());

    house.house.step_up(house.anna);
    const auto page = house.house.page(house.anna.browser, "/sessions");
    CHECK(page.contains("<td>erik</td>"));
    CHECK_FALSE(page.contains("<td>carla</td>"));
}

TEST_CASE("an administrator ends no session of another scope; the right one does") {
    House house;
    const auto carlas = house.session_of(house.sam, house.carla);
    const auto eriks = house.session_of(house.sam, house.erik);
    REQUIRE_FALSE(carlas.empty());
    REQUIRE_FALSE(eriks.empty());
    const std::string nobodys = "00000000-0000-7000-8000-000000000001";

    check_same_as_nobodys(house.end(house.anna, carlas), house.end(house.anna, nobodys));
    check_same_as_nobodys(house.end(house.clark, eriks), house.end(house.clark, nobodys));
    CHECK(house.is_signed_in(house.carla));
    CHECK(house.is_signed_in(house.erik));
    CHECK(house.house.events("session.terminated").empty());

    CHECK(house.end(house.clark, carlas).status == 200);
    CHECK_FALSE(house.is_signed_in(house.carla));
    CHECK(house.is_signed_in(house.erik));
    CHECK(house.end(house.sam, eriks).status == 200);
    CHECK_FALSE(house.is_signed_in(house.erik));
}

TEST_CASE("a report is told to, seen and closed by administrators whose scope reaches its person") {
    House house;
    auto& all = house.house;
    const auto carlas = house.report(house.carla);
    CHECK(house.is_told(house.clark));
    CHECK(house.is_told(house.sam));
    CHECK_FALSE(house.is_told(house.anna));
    const auto eriks = house.report(house.erik);
    CHECK(house.is_told(house.anna));

    CHECK(house.reporters(house.anna) == Names{"erik"});
    CHECK(house.reporters(house.clark) == Names{"carla"});
    CHECK(house.reporters(house.sam) == Names{"carla", "erik"});
    CHECK(house.reporters(house.clark, "?state=open&count=1") == Names{"carla"});
    const auto page = all.page(house.anna.browser, "/incidents");
    CHECK(page.contains("not me: erik"));
    CHECK_FALSE(page.contains("carla"));

    const std::string nobodys = "00000000-0000-7000-8000-000000000001";
    const auto look = [&](const std::string& id) {
        return all.ask(house.anna.browser, "GET", "/api/incidents/" + id);
    };
    check_same_as_nobodys(look(carlas), look(nobodys));
    const auto go_on = [&](const std::string& id) {
        return all.ask(house.anna.browser, "GET", "/api/incidents?after=" + id);
    };
    check_same_as_nobodys(go_on(carlas), go_on(nobodys));
    CHECK(look(eriks).status == 200);
    CHECK(all.events("audit.viewed").size() == 1);

    const auto close = [&](TestPerson& by, const std::string& id) {
        all.step_up(by);
        const nlohmann::json why{{"reason", "a colleague's phone"}};
        return all.ask(by.browser, "POST", "/api/incidents/" + id + "/close", why);
    };
    check_same_as_nobodys(close(house.anna, carlas), close(house.anna, nobodys));
    CHECK(all.events("incident.closed").empty());
    CHECK(close(house.clark, carlas).status == 200);
    CHECK(close(house.sam, eriks).status == 200);
}

}  // namespace sallyport::api::test
