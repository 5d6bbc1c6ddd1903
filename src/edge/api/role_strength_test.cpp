// What the shipped policy demands of each role, at the edge: with it in force, and not with the
// exceptions that other tests live under.

#include "tests/support/policies.h"

#include "edge/api/api_test_house.h"
#include "edge/api/invited_person.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

// Under the shipped policy, but that one role may use codes until then.
policy::Policy with_codes_for(std::string_view name, Time until) {
    auto accepting = policy::with_codes_accepted(policy::default_policy(), until);
    for (auto& role : accepting.roles) {
        if (role.name != name) role.exception.reset();
    }
    return accepting;
}

// Both factors of somebody who has a passphrase and an app.
Answer sign_in_with_code(ApiTestHouse& house, TestPerson& person) {
    person.browser = {};
    const nlohmann::json form{{"login_name", person.name}, {"passphrase", person.passphrase}};
    REQUIRE(house.ask(person.browser, "POST", "/api/sign-in", form).status == 200);
    return house.ask(person.browser, "POST", "/api/sign-in/code", {{"code", house.code(person)}});
}

TEST_CASE("S0-13 (part): the first administrator must bring a factor that resists phishing") {
    ApiTestHouse house(policy::default_policy());
    auto& anna = house.administrator();
    REQUIRE(anna.key.has_value());
    const auto session = house.ask(anna.browser, "GET", "/api/session").json;
    CHECK(session["factor"] == "pwd+hwk+uv");
    const auto all = house.ask(anna.browser, "GET", "/api/self/authenticators").json;
    for (const auto& each : all["authenticators"]) {
        CHECK(each["kind"] != "totp");
    }
}

TEST_CASE("an app's code finishes no enrolment where the role asks for a key") {
    ApiTestHouse house(policy::default_policy());
    auto [browser, next] = invited_person(house, "erik", "engineer");
    CHECK(next["next"] == "key");
    CHECK_FALSE(next.contains("totp"));
    const auto refused = house.ask(browser, "POST", "/api/enrolment/totp", {{"code", "123456"}});
    CHECK(refused.status == 409);
    CHECK(refused.json["reason"] == "enrolment.needs_key");
}

TEST_CASE("S0-35, S1-24 (part): passphrase and code let no administrator in, and name what does") {
    for (const auto* role :
         {"gateway_administrator", "engineer", "approver", "security_officer", "auditor"}) {
        CAPTURE(role);
        // Enrolled while codes were accepted, which they are no longer.
        ApiTestHouse house(
            policy::with_codes_accepted(policy::default_policy(), ApiTestHouse::start() + 1h)
        );
        auto& person = std::string_view(role) == "gateway_administrator"
                           ? house.administrator()
                           : house.person("erik", role);
        house.clock.advance(30min);
        REQUIRE(sign_in_with_code(house, person).status == 200);
        house.clock.advance(30min);

        const auto refused = sign_in_with_code(house, person);
        CHECK(refused.status == 403);
        CHECK(refused.json["reason"] == "authn.too_weak");
        CHECK(refused.json["detail"].get<std::string>().find("security key") != std::string::npos);
        CHECK(house.events("authn.failure").front().reason == "authn.too_weak");
    }
}

TEST_CASE("S0-35: an administrator signs in with a key at every login") {
    ApiTestHouse house(policy::default_policy());
    auto& anna = house.administrator();
    for (int i = 0; i < 3; ++i) {
        house.clock.advance(9h);
        CHECK(house.ask(anna.browser, "GET", "/api/session").status == 401);
        house.sign_in(anna);
        CHECK(house.ask(anna.browser, "GET", "/api/session").status == 200);
    }
}

TEST_CASE("S0-75 (part): whoever got in by an exception is out when it ends") {
    ApiTestHouse house(with_codes_for("gateway_administrator", ApiTestHouse::start() + 10min));
    auto& anna = house.administrator();
    REQUIRE_FALSE(anna.key.has_value());
    house.clock.advance(10min - 1s);
    CHECK(house.ask(anna.browser, "GET", "/api/session").status == 200);
    house.clock.advance(1s);
    CHECK(house.ask(anna.browser, "GET", "/api/session").status == 401);
    CHECK(sign_in_with_code(house, anna).json["reason"] == "authn.too_weak");
}

// A passkey that its maker copies to the person's other devices.
sallyport::test::SoftwareKey synced_passkey() {
    sallyport::test::SoftwareKey key("https://sallyport.example.org");
    key.plan().flags |= sallyport::test::flag_be | sallyport::test::flag_bs;
    return key;
}

constexpr auto own_keys = "/api/self/authenticators/webauthn";

Answer add(ApiTestHouse& house, TestPerson& person, sallyport::test::SoftwareKey& key) {
    house.step_up(person);
    const auto options = std::string(own_keys) + "/options";
    auto made = key.create(house.ask(person.browser, "POST", options).json);
    made["label"] = "Phone";
    return house.ask(person.browser, "POST", own_keys, made);
}

bool asks_for_device_bound(std::string_view role) {
    return role == "engineer" || role == "vendor_engineer";
}

// The shipped policy, but that engineers need keys that can't be copied.
policy::Policy strict_for_engineers() {
    auto strict = policy::default_policy();
    for (auto& role : strict.roles) {
        if (asks_for_device_bound(role.name)) role.risk = policy::Risk::critical;
    }
    return strict;
}

void make_strict_for_engineers(nlohmann::json& policy) {
    for (auto& role : policy["roles"]) {
        if (asks_for_device_bound(role["name"].get<std::string>())) role["risk"] = "critical";
    }
}

TEST_CASE("S1-21 (part): a synced passkey signs nobody in, nor confirms, where none may be copied"
) {
    ApiTestHouse house(policy::default_policy());
    auto& erik = house.person("erik", "engineer");  // whose key stays where it is
    auto synced = synced_passkey();
    REQUIRE(add(house, erik, synced).status == 201);
    house.put_in_force(make_strict_for_engineers);

    Browser browser;
    const auto asked = house.ask(browser, "GET", "/api/sign-in/passkey");
    const auto refused = house.ask(browser, "POST", "/api/sign-in/passkey", synced.get(asked.json));
    CHECK(refused.status == 403);
    CHECK(refused.json["reason"] == "authn.too_weak");

    house.sign_in(erik);
    const auto confirm = house.ask(erik.browser, "GET", "/api/step-up/key");
    const auto answer = synced.get(confirm.json);
    CHECK(house.ask(erik.browser, "POST", "/api/step-up/key", answer).status == 401);
    CHECK(house.events("stepup.failure").front().reason == "security_key.can_be_copied");
    CHECK(house.with_key(erik, "/api/step-up/key").status == 200);
}

TEST_CASE("S1-21 (part): a synced passkey is not added where none may be copied, and it says why") {
    ApiTestHouse house(strict_for_engineers());
    auto& erik = house.person("erik", "engineer");
    auto synced = synced_passkey();
    const auto refused = add(house, erik, synced);
    CHECK(refused.status == 422);
    CHECK(refused.json["reason"] == "security_key.can_be_copied");
    CHECK(refused.json["title"].get<std::string>().contains("can't be copied"));
    sallyport::test::SoftwareKey bound("https://sallyport.example.org");
    CHECK(add(house, erik, bound).status == 201);
    // Whose role asks for less may add it.
    auto& paula = house.person("paula", "approver");
    auto another = synced_passkey();
    CHECK(add(house, paula, another).status == 201);
}

TEST_CASE("S1-21 (part): an administrator whose class is critical gets in with a key that stays put"
) {
    ApiTestHouse house(policy::default_policy());
    auto& anna = house.administrator();  // whose key stays where it is
    auto synced = synced_passkey();
    REQUIRE(add(house, anna, synced).status == 201);
    house.put_in_force([](nlohmann::json& policy) {
        for (auto& role : policy["roles"]) {
            if (role["name"] == "gateway_administrator") role["risk"] = "critical";
        }
    });
    Browser browser;
    const auto asked = house.ask(browser, "GET", "/api/sign-in/passkey");
    const auto refused = house.ask(browser, "POST", "/api/sign-in/passkey", synced.get(asked.json));
    CHECK(refused.json["reason"] == "authn.too_weak");
    const auto again = house.ask(browser, "GET", "/api/sign-in/passkey");
    const auto let_in =
        house.ask(browser, "POST", "/api/sign-in/passkey", anna.key->get(again.json));
    CHECK(let_in.status == 200);
    auto another = synced_passkey();
    CHECK(add(house, anna, another).json["reason"] == "security_key.can_be_copied");
}

TEST_CASE("S1-21 (part): a synced passkey ends no enrolment where none may be copied") {
    ApiTestHouse house(strict_for_engineers());
    auto [browser, next] = invited_person(house, "erik", "engineer");
    const auto bring = [&](sallyport::test::SoftwareKey key) {
        const auto options = house.ask(browser, "POST", "/api/enrolment/key/options");
        return house.ask(browser, "POST", "/api/enrolment/key", key.create(options.json));
    };
    const auto refused = bring(synced_passkey());
    CHECK(refused.status == 422);
    CHECK(refused.json["reason"] == "security_key.can_be_copied");
    CHECK(house.ask(browser, "GET", "/api/session").status == 401);
    CHECK(bring(sallyport::test::SoftwareKey("https://sallyport.example.org")).status == 200);
}

}  // namespace

}  // namespace sallyport::api::test
