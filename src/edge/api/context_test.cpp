// The context at the door: the same person, the same factors, and rules of the policy that ask for
// more from some places than from others.

#include "tests/support/place_file_writer.h"

#include "domain/policy/workstation_posture.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>

namespace sallyport::api::test {

namespace {

void change_policy(ApiTestHouse& house, const nlohmann::json& zones, const nlohmann::json& rule) {
    house.put_in_force([&](nlohmann::json& policy) {
        policy["zones"] = zones;
        policy["context"]["rules"] = nlohmann::json::array({rule});
    });
}

const nlohmann::json ward_3{{{"name", "ward-3"}, {"kind", "ward"}, {"networks", {"10.3.0.0/16"}}}};

TEST_CASE(
    "S1-79 (part): where the context asks for two factors, a patient's passphrase is not enough"
) {
    ApiTestHouse house;
    auto& clark = house.person("clark", "clinical_administrator");
    auto& petra = house.person(clark, "petra", "patient");
    change_policy(
        house,
        ward_3,
        {{"roles", {"patient"}},
         {"segments", {"remote"}},
         {"outcome", "step_up"},
         {"rationale", "a test of what is asked for from outside"}}
    );
    const nlohmann::json passphrase{{"login_name", petra.name}, {"passphrase", petra.passphrase}};

    Browser inside;
    inside.peer = "10.3.0.5";
    const auto opened = house.ask(inside, "POST", "/api/sign-in", passphrase);
    CHECK(opened.json.value("role", "") == "patient");

    Browser outside;
    const auto asked = house.ask(outside, "POST", "/api/sign-in", passphrase);
    CHECK(asked.json.value("next", "") == "code");
    CHECK(house.ask(outside, "GET", "/api/session").status == 401);
}

TEST_CASE("S1-79 (part): a refused context is explained, and its event names the inputs") {
    ApiTestHouse house;
    auto& clark = house.person("clark", "clinical_administrator");
    auto& nora = house.person(clark, "nora", "clinician");
    change_policy(
        house,
        ward_3,
        {{"roles", {"clinician"}},
         {"posture", "unknown"},
         {"segments", {"remote"}},
         {"outcome", "deny"},
         {"rationale", "a test of what is refused from outside"}}
    );
    const auto sign_in = [&](const std::string& peer) {
        Browser browser;
        browser.peer = peer;
        house.clock.advance(std::chrono::seconds(31));
        const nlohmann::json first{{"login_name", nora.name}, {"passphrase", nora.passphrase}};
        REQUIRE(house.ask(browser, "POST", "/api/sign-in", first).status == 200);
        return house.ask(browser, "POST", "/api/sign-in/code", {{"code", house.code(nora)}});
    };
    CHECK(sign_in("10.3.0.5").status == 200);

    const auto refused = sign_in("192.0.2.7");

    CHECK(refused.status == 403);
    CHECK(refused.json.value("reason", "") == "context.denied");
    const auto leaf = nlohmann::json::parse(house.events("authz.denied").front().leaf_json);
    CHECK(leaf["reason"] == "context.denied");
    CHECK(leaf["fields"]["posture"] == "unknown");
    CHECK(leaf["fields"]["segment"] == "outside");
    CHECK(leaf["fields"]["place"] == "unknown");
}

TEST_CASE("S1-79 (part): abroad, codes are not enough for staff, and the event says where it was") {
    ApiTestHouse house;
    auto& clark = house.person("clark", "clinical_administrator");
    auto& nora = house.person(clark, "nora", "clinician");
    house.put_in_force([](nlohmann::json& policy) {
        policy["zones"] = ward_3;
        policy["context"]["home_countries"] = {"DE"};
        policy["context"]["rules"] = nlohmann::json::array(
            {{{"roles", {"clinician"}},
              {"place", "abroad"},
              {"outcome", "phishing_resistant"},
              {"rationale", "a test of what is asked for abroad"}}}
        );
    });
    auto file = policy::PlaceFile::open(sallyport::test::place_file(
        {{.address = "198.51.100.0", .bits = 24, .country = "DE"},
         {.address = "203.0.113.0", .bits = 24, .country = "FR"}}
    ));
    REQUIRE(file.has_value());
    house.places.use(std::make_shared<const policy::PlaceFile>(*std::move(file)));
    const auto sign_in = [&](const std::string& peer) {
        Browser browser;
        browser.peer = peer;
        house.clock.advance(std::chrono::seconds(31));
        const nlohmann::json first{{"login_name", nora.name}, {"passphrase", nora.passphrase}};
        REQUIRE(house.ask(browser, "POST", "/api/sign-in", first).status == 200);
        return house.ask(browser, "POST", "/api/sign-in/code", {{"code", house.code(nora)}});
    };

    CHECK(sign_in("198.51.100.7").status == 200);
    const auto created = nlohmann::json::parse(house.events("session.created").front().leaf_json);
    CHECK(created["fields"]["place"] == "home");

    const auto refused = sign_in("203.0.113.7");

    CHECK(refused.status == 403);
    CHECK(refused.json.value("reason", "") == "context.phishing_resistant");
    const auto leaf = nlohmann::json::parse(house.events("authz.denied").front().leaf_json);
    CHECK(leaf["fields"]["place"] == "abroad");
    CHECK(leaf["fields"]["segment"] == "outside");
    CHECK_FALSE(leaf["where"].contains("country"));
}

TEST_CASE("S1-37 (part): at a workstation with its disk in the clear a session is limited") {
    ApiTestHouse house;
    house.name_ward();
    auto& clark = house.person("clark", "clinical_administrator");
    auto& erik = house.person("erik", "engineer");
    house.sign_in(clark);
    const nlohmann::json wanted{{"name", "ward-3-a"}, {"zone", "ward-3"}};
    REQUIRE(house.ask(clark.browser, "POST", "/api/workstations", wanted).status == 201);
    const auto token = clark.browser.cookies["__Host-sallyport-workstation"];
    const policy::PostureReport report{
        .workstation = "ward-3-a",
        .claims =
            {
                .disk_encrypted = false,
                .os = "windows",
                .os_version = "10.0.22631",
                .reported_at = house.clock.now(),
            },
    };
    const auto import = house.database().write([&](store::Tx& tx) {
        const audit::HostCommand timer{.os_user = "uid=998(sallyport)", .reason = "MDM export"};
        return policy::import_posture(tx, house.moment(), {report}, timer);
    });
    REQUIRE(import.taken == 1);
    CHECK(house.page(clark.browser, "/workstations").contains("not in order"));

    Browser browser;
    browser.peer = "10.3.0.5";
    browser.cookies["__Host-sallyport-workstation"] = token;
    house.clock.advance(std::chrono::seconds(31));
    const nlohmann::json first{{"login_name", erik.name}, {"passphrase", erik.passphrase}};
    REQUIRE(house.ask(browser, "POST", "/api/sign-in", first).status == 200);
    const nlohmann::json second{{"code", house.code(erik)}};
    REQUIRE(house.ask(browser, "POST", "/api/sign-in/code", second).status == 200);

    const auto created = nlohmann::json::parse(house.events("session.created").front().leaf_json);
    CHECK(created["where"]["workstation"] == "ward-3-a");
    CHECK(created["fields"]["posture"] == "not_compliant");
    CHECK(created["fields"]["context"] == "limited");
    const auto refused = house.ask(browser, "POST", "/api/grants", nlohmann::json::object());
    CHECK(refused.json.value("reason", "") == "policy.limited");
}

TEST_CASE("S1-79 (part): a limited session sees its own account and opens nothing else") {
    ApiTestHouse house;
    auto& otto = house.person("otto", "auditor");
    change_policy(
        house,
        ward_3,
        {{"roles", {"auditor"}},
         {"segments", {"ward"}},
         {"outcome", "limited"},
         {"rationale", "a test of what a limited session can do"}}
    );
    otto.browser.peer = "10.3.0.5";
    house.sign_in(otto);
    CHECK(house.ask(otto.browser, "GET", "/api/session").status == 200);
    CHECK(house.ask(otto.browser, "GET", "/security").status == 200);
    const auto refused = house.ask(otto.browser, "GET", "/api/audit");
    CHECK(refused.status == 403);
    CHECK(refused.json.value("reason", "") == "policy.limited");

    otto.browser.peer = "192.0.2.7";
    house.sign_in(otto);
    CHECK(house.ask(otto.browser, "GET", "/api/audit").status == 200);
}

}  // namespace

}  // namespace sallyport::api::test
