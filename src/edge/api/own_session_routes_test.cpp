#include "edge/api/own_session_routes.h"

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

const auto nothing = nlohmann::json::object();

// Another sign-in of the same person, beside the one that they have.
Browser elsewhere(ApiTestHouse& house, TestPerson& person, const std::string& peer) {
    const auto here = person.browser;
    person.browser.peer = peer;
    house.sign_in(person);
    auto other = person.browser;
    person.browser = here;
    return other;
}

nlohmann::json sessions_of(ApiTestHouse& house, Browser& browser) {
    const auto listed = house.ask(browser, "GET", "/api/self/sessions");
    REQUIRE(listed.status == 200);
    return listed.json["sessions"];
}

TEST_CASE("a person sees each of their sessions: where, since when, last used, and which is this") {
    ApiTestHouse house;
    house.administrator();
    auto& erik = house.person("erik", "engineer");
    auto other = elsewhere(house, erik, "198.51.100.4");
    house.clock.advance(3min);
    const auto used = house.clock.now();

    const auto sessions = sessions_of(house, erik.browser);

    REQUIRE(sessions.size() == 2);
    CHECK(sessions[0]["current"] == true);
    CHECK(sessions[0]["last_active_at"] == to_text(used));
    CHECK(sessions[1]["current"] == false);
    CHECK(sessions[1]["source"] == "198.51.100.4");
    CHECK(sessions[1]["channel"] == "web");
    CHECK(sessions[1]["zone"] == "unzoned");
    CHECK(sessions[1]["created_at"] == to_text(used - 3min));
    const auto page = house.page(erik.browser, "/security");
    CHECK(page.find("198.51.100.4") != std::string::npos);
    CHECK(page.find("(this one)") != std::string::npos);
    CHECK(page.find("End all others") != std::string::npos);
}

TEST_CASE("ending all others leaves this one, and each end is in the log") {
    ApiTestHouse house;
    house.administrator();
    auto& erik = house.person("erik", "engineer");
    auto& nora = house.person("nora", "engineer");
    auto first = elsewhere(house, erik, "198.51.100.4");
    auto second = elsewhere(house, erik, "198.51.100.5");
    const auto before = house.events("session.terminated").size();

    const auto ended = house.ask(erik.browser, "POST", "/api/self/sessions/end-others", nothing);

    CHECK(ended.status == 200);
    CHECK(ended.json["ended"].size() == 2);
    CHECK(house.events("session.terminated").size() == before + 2);
    CHECK(house.events("session.terminated").front().account_name == "erik");
    CHECK(house.ask(first, "GET", "/api/session").status == 401);
    CHECK(house.ask(second, "GET", "/api/session").status == 401);
    CHECK(sessions_of(house, erik.browser).size() == 1);
    // Nobody else's.
    CHECK(house.ask(nora.browser, "GET", "/api/session").status == 200);
    const auto page = house.page(erik.browser, "/security");
    CHECK(page.find("End all others") == std::string::npos);
}

TEST_CASE("ending one's own session elsewhere leads back to the page; ending this one, to sign-in"
) {
    ApiTestHouse house;
    house.administrator();
    auto& erik = house.person("erik", "engineer");
    auto other = elsewhere(house, erik, "198.51.100.4");
    const auto sessions = sessions_of(house, erik.browser);
    const auto path = [](const nlohmann::json& session) {
        return "/api/self/sessions/" + session["id"].get<std::string>() + "/end";
    };

    CHECK(house.ask(erik.browser, "POST", path(sessions[1]), nothing).status == 200);
    CHECK(house.ask(other, "GET", "/api/session").status == 401);
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 200);

    CHECK(house.ask(erik.browser, "POST", path(sessions[0]), nothing).status == 200);
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 401);
}

}  // namespace

}  // namespace sallyport::api::test
