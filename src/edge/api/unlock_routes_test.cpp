// Locked at a ward's workstation, and back with one factor: the whole way at the door.

#include "edge/api/unlock_routes.h"

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

constexpr auto workstation = "__Host-sallyport-workstation";

class Ward {
public:
    Ward() {
        house.name_ward();
        house.sign_in(clark);
        const auto made = house.ask(
            clark.browser, "POST", "/api/workstations", {{"name", "ward-3-a"}, {"zone", "ward-3"}}
        );
        REQUIRE_MESSAGE(made.status == 201, made.response.body);
        id = made.json["id"].get<std::string>();
        token = clark.browser.cookies[workstation];
        REQUIRE(token.size() == 43);
        sign_in();
    }

    void sign_in() {
        nora.browser.peer = "10.3.0.5";
        // sign_in() takes a browser without cookies; the workstation's is put back before the code.
        house.clock.advance(31s);
        Browser browser;
        browser.peer = "10.3.0.5";
        browser.cookies[workstation] = token;
        const nlohmann::json first{{"login_name", nora.name}, {"passphrase", nora.passphrase}};
        REQUIRE(house.ask(browser, "POST", "/api/sign-in", first).status == 200);
        const nlohmann::json second{{"code", house.code(nora)}};
        REQUIRE(house.ask(browser, "POST", "/api/sign-in/code", second).status == 200);
        nora.browser = browser;
    }

    Answer unlock(const std::string& passphrase) {
        return house.ask(nora.browser, "POST", "/api/session/unlock", {{"passphrase", passphrase}});
    }

    ApiTestHouse house;
    TestPerson& clark = house.person("clark", "clinical_administrator");
    TestPerson& nora = house.person(clark, "nora", "clinician");
    std::string id;
    std::string token;
};

TEST_CASE("S1-33 (part): a clinician idle at a registered workstation is back with the passphrase"
) {
    Ward ward;
    auto& browser = ward.nora.browser;
    const auto before = ward.house.ask(browser, "GET", "/api/session").json;
    const auto created =
        nlohmann::json::parse(ward.house.events("session.created").front().leaf_json);
    CHECK(created["where"]["workstation"] == "ward-3-a");
    ward.house.clock.advance(30min);
    CHECK(ward.house.ask(browser, "GET", "/api/session").status == 401);
    CHECK(ward.house.events("session.locked").size() == 1);
    const auto page = ward.house.page(browser, "/unlock?next=/security");
    CHECK(page.find("Welcome back, nora") != std::string::npos);

    const auto wrong = ward.unlock("not her passphrase");
    CHECK(wrong.status == 401);
    const auto unlocked = ward.unlock(ward.nora.passphrase);

    CHECK_MESSAGE(unlocked.status == 200, unlocked.response.body);
    const auto after = ward.house.ask(browser, "GET", "/api/session").json;
    CHECK(after["login_name"] == "nora");
    CHECK(after["ends_at"] == before["ends_at"]);
    const auto event =
        nlohmann::json::parse(ward.house.events("session.unlocked").front().leaf_json);
    CHECK(event["where"]["workstation"] == "ward-3-a");
    CHECK(event["factor"]["amr"] == "pwd");
    // Idle again, and back again.
    ward.house.clock.advance(30min);
    CHECK(ward.house.ask(browser, "GET", "/api/session").status == 401);
    CHECK(ward.unlock(ward.nora.passphrase).status == 200);
}

TEST_CASE("S1-33 (part): off the workstation, out of its zone or out of time, it is a sign-in") {
    const auto is_locked_out = [](Ward& ward) {
        CHECK(ward.unlock(ward.nora.passphrase).status >= 400);
        CHECK(ward.house.ask(ward.nora.browser, "GET", "/api/session").status == 401);
    };
    {
        Ward ward;  // signed out: nothing is locked
        REQUIRE(ward.house.ask(ward.nora.browser, "POST", "/api/session/end").status == 200);
        is_locked_out(ward);
    }
    {
        Ward ward;  // the same cookie without the workstation's
        ward.house.clock.advance(30min);
        ward.nora.browser.cookies.erase(workstation);
        is_locked_out(ward);
    }
    {
        Ward ward;  // the same browser elsewhere
        ward.house.clock.advance(30min);
        ward.nora.browser.peer = "192.0.2.7";
        is_locked_out(ward);
    }
    {
        Ward ward;  // too late
        ward.house.clock.advance(30min);
        REQUIRE(ward.house.ask(ward.nora.browser, "GET", "/api/session").status == 401);
        ward.house.clock.advance(3h + 31min);
        is_locked_out(ward);
    }
    {
        Ward ward;  // the workstation is no longer one
        ward.house.clock.advance(30min);
        REQUIRE(ward.house.ask(ward.nora.browser, "GET", "/api/session").status == 401);
        ward.house.sign_in(ward.clark);
        const auto path = "/api/workstations/" + ward.id + "/remove";
        REQUIRE(ward.house.ask(ward.clark.browser, "POST", path).status == 200);
        CHECK(ward.house.events("workstation.removed").size() == 1);
        is_locked_out(ward);
    }
}

constexpr auto key_path = "/api/session/unlock/key";

std::string last_reason(Ward& ward) {
    const auto failures = ward.house.events("stepup.failure");
    REQUIRE_FALSE(failures.empty());
    return failures.front().reason;
}

// Idle, with a key of nora's that this ward has seen bound.
void lock_with_key(Ward& ward) {
    ward.house.clock.advance(31s);
    ward.house.step_up(ward.nora);
    ward.house.add_key(ward.nora);
    ward.house.clock.advance(30min);
    REQUIRE(ward.house.ask(ward.nora.browser, "GET", "/api/session").status == 401);
}

TEST_CASE("S1-33 (part): a key that checks who holds it unlocks, once, in its browser") {
    Ward ward;
    lock_with_key(ward);
    auto& browser = ward.nora.browser;
    CHECK(ward.house.page(browser, "/unlock").contains(key_path));
    const auto asked = ward.house.ask(browser, "GET", key_path);
    REQUIRE_MESSAGE(asked.status == 200, asked.response.body);
    CHECK(asked.json["userVerification"] == "required");
    CHECK(asked.json["allowCredentials"].size() == 1);
    const auto shown = ward.nora.key->get(asked.json);

    auto thief = browser;
    thief.cookies.erase("__Host-sallyport");
    CHECK(ward.house.ask(thief, "GET", key_path).status == 401);
    CHECK(ward.house.ask(thief, "POST", key_path, shown).status == 401);
    const auto unlocked = ward.house.ask(browser, "POST", key_path, shown);
    REQUIRE_MESSAGE(unlocked.status == 200, unlocked.response.body);
    CHECK(ward.house.ask(browser, "GET", "/api/session").json["login_name"] == "nora");
    const auto event =
        nlohmann::json::parse(ward.house.events("session.unlocked").front().leaf_json);
    CHECK(event["factor"]["amr"] == "hwk+uv");
    // What was signed is good once, also for what is locked next.
    ward.house.clock.advance(30min);
    REQUIRE(ward.house.ask(browser, "GET", "/api/session").status == 401);
    CHECK(ward.house.ask(browser, "POST", key_path, shown).status == 401);
    CHECK(ward.house.ask(browser, "GET", "/api/session").status == 401);
}

TEST_CASE(
    "S1-33 (part): without its PIN or finger, from elsewhere or another's, a key unlocks nothing"
) {
    Ward ward;
    auto& otto = ward.house.person(ward.clark, "otto", "clinician");
    ward.house.add_key(otto);
    lock_with_key(ward);
    auto& browser = ward.nora.browser;
    const auto refused = [&](const nlohmann::json& shown) {
        CHECK(ward.house.ask(browser, "POST", key_path, shown).json["reason"] == "step_up.refused");
        CHECK(ward.house.ask(browser, "GET", "/api/session").status == 401);
        return last_reason(ward);
    };
    const auto asked = [&] { return ward.house.ask(browser, "GET", key_path).json; };
    CHECK(refused(otto.key->get(asked())) == "security_key.unknown");
    auto& plan = ward.nora.key->plan();
    const auto flags = plan.flags;
    plan.flags &= static_cast<std::uint8_t>(~sallyport::test::flag_uv);
    CHECK(refused(ward.nora.key->get(asked())) == "webauthn.user_verified");
    plan.flags = flags;

    const auto shown = ward.nora.key->get(asked());
    browser.peer = "192.0.2.7";
    CHECK(ward.house.ask(browser, "POST", key_path, shown).json["reason"] == "unlock.elsewhere");
    browser.peer = "10.3.0.5";
    ward.house.clock.advance(3h + 31min);
    CHECK(ward.house.ask(browser, "GET", key_path).json["reason"] == "unlock.too_old");
}

TEST_CASE("who has no passphrase is asked for none, and who has no key for none") {
    Ward ward;
    ward.house.clock.advance(30min);
    REQUIRE(ward.house.ask(ward.nora.browser, "GET", "/api/session").status == 401);
    const auto page = ward.house.page(ward.nora.browser, "/unlock");
    CHECK(page.contains("name=\"passphrase\""));
    CHECK_FALSE(page.contains(key_path));
    CHECK(ward.house.ask(ward.nora.browser, "GET", key_path).json["reason"] == "security_key.none");
}

TEST_CASE("workstations are registered in zones of the policy, by those who manage people") {
    Ward ward;
    const auto tried = [&](TestPerson& who, const std::string& zone) {
        const nlohmann::json wanted{{"name", "ward-3-b"}, {"zone", zone}};
        return ward.house.ask(who.browser, "POST", "/api/workstations", wanted);
    };
    ward.house.sign_in(ward.clark);
    CHECK(tried(ward.clark, "ward-9").json.value("reason", "") == "workstation.zone_unknown");
    CHECK(tried(ward.nora, "ward-3").status == 403);
    const auto listed = ward.house.ask(ward.clark.browser, "GET", "/api/workstations").json;
    REQUIRE(listed["workstations"].size() == 1);
    CHECK(listed["workstations"][0]["name"] == "ward-3-a");
    CHECK_FALSE(listed.dump().find(ward.token) != std::string::npos);
    const auto page = ward.house.page(ward.clark.browser, "/workstations");
    CHECK(page.find("ward-3-a") != std::string::npos);
    const auto leaf =
        nlohmann::json::parse(ward.house.events("workstation.registered").front().leaf_json);
    CHECK(leaf["fields"]["zone"] == "ward-3");
}

}  // namespace

}  // namespace sallyport::api::test
