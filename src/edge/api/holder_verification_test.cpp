// When a key has to check who holds it, by policy and by how the session was opened.

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace sallyport::api::test {

namespace {

using sallyport::test::SoftwareKey;

constexpr auto origin = "https://sallyport.example.org";
constexpr auto second_form = "/api/sign-in/key";
constexpr auto step_up = "/api/step-up/key";

void check_holder(SoftwareKey& key, bool checks) {
    auto& flags = key.plan().flags;
    flags &= static_cast<std::uint8_t>(~sallyport::test::flag_uv);
    if (checks) flags |= sallyport::test::flag_uv;
}

// The shipped policy with codes, but that engineers' keys always check who holds them.
policy::Policy always_for_engineers() {
    auto policy = sallyport::test::policy_document_with_codes(ApiTestHouse::start());
    for (auto& role : policy.roles) {
        if (role.name != "engineer") continue;
        role.keys.user_verification = policy::KeyUserVerification::always;
    }
    return policy;
}

// Past the passphrase.
Browser at_second_form(ApiTestHouse& house, const TestPerson& person) {
    Browser browser;
    const nlohmann::json form{{"login_name", person.name}, {"passphrase", person.passphrase}};
    REQUIRE(house.ask(browser, "POST", "/api/sign-in", form).status == 200);
    return browser;
}

// What the browser is asked there, and what comes of the key's answer.
struct Shown {
    std::string user_verification;
    int status;
};

Shown show(ApiTestHouse& house, Browser& browser, const char* path, SoftwareKey& key) {
    const auto options = house.ask(browser, "GET", path).json;
    const auto done = house.ask(browser, "POST", path, key.get(options));
    return {options["userVerification"], done.status};
}

TEST_CASE("S1-21 (part): after the passphrase a touch is enough, as often as it is shown") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    house.add_key(erik);
    check_holder(*erik.key, false);
    auto browser = at_second_form(house, erik);
    const auto opened = show(house, browser, second_form, *erik.key);
    CHECK(opened.user_verification == "discouraged");
    REQUIRE(opened.status == 200);
    for (int i = 0; i < 2; ++i) {
        const auto confirmed = show(house, browser, step_up, *erik.key);
        CHECK(confirmed.user_verification == "discouraged");
        CHECK(confirmed.status == 200);
    }
}

TEST_CASE("S1-21 (part): in a session that a key alone opened, a mere touch of it confirms nothing"
) {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    house.add_key(erik);
    Browser browser;
    REQUIRE(show(house, browser, "/api/sign-in/passkey", *erik.key).status == 200);

    check_holder(*erik.key, false);
    const auto touched = show(house, browser, step_up, *erik.key);
    CHECK(touched.user_verification == "required");
    CHECK(touched.status == 401);
    CHECK(house.events("stepup.failure").front().reason == "webauthn.user_verified");

    check_holder(*erik.key, true);
    CHECK(show(house, browser, step_up, *erik.key).status == 200);
    // Nor has a passphrase been shown after that.
    check_holder(*erik.key, false);
    CHECK(show(house, browser, step_up, *erik.key).status == 401);
    house.clock.advance(std::chrono::seconds(31));
    const nlohmann::json with_code{{"code", house.code(erik)}};
    REQUIRE(house.ask(browser, "POST", "/api/step-up", with_code).status == 200);
    CHECK(show(house, browser, step_up, *erik.key).status == 401);
}

TEST_CASE("S1-21 (part): where the role asks for it always, a key checks its holder everywhere") {
    ApiTestHouse house(always_for_engineers());
    auto& erik = house.person("erik", "engineer");
    house.step_up(erik);
    const std::string path = "/api/self/authenticators/webauthn";
    const auto add = [&](bool checks) {
        const auto options = house.ask(erik.browser, "POST", path + "/options").json;
        CHECK(options["authenticatorSelection"]["userVerification"] == "required");
        SoftwareKey key(origin);
        check_holder(key, checks);
        auto made = key.create(options);
        made["label"] = "Key ring";
        const auto added = house.ask(erik.browser, "POST", path, made);
        if (added.status == 201) erik.key.emplace(std::move(key));
        return added;
    };
    const auto refused = add(false);
    CHECK(refused.status == 422);
    CHECK(refused.json["reason"] == "security_key.holder_unchecked");
    REQUIRE(add(true).status == 201);

    check_holder(*erik.key, false);
    auto touching = at_second_form(house, erik);
    CHECK(show(house, touching, second_form, *erik.key).status == 401);
    check_holder(*erik.key, true);
    auto browser = at_second_form(house, erik);
    REQUIRE(show(house, browser, second_form, *erik.key).status == 200);

    check_holder(*erik.key, false);
    const auto touched = show(house, browser, step_up, *erik.key);
    CHECK(touched.user_verification == "required");
    CHECK(touched.status == 401);
    check_holder(*erik.key, true);
    CHECK(show(house, browser, step_up, *erik.key).status == 200);
}

TEST_CASE("what a browser is asked after a name is the same for every name and role") {
    ApiTestHouse house(always_for_engineers());
    const auto asked_for = [&](const std::string& name) {
        Browser browser;
        const nlohmann::json form{{"login_name", name}, {"passphrase", "not the right one"}};
        REQUIRE(house.ask(browser, "POST", "/api/sign-in", form).status == 200);
        return house.ask(browser, "GET", second_form).json["userVerification"];
    };
    house.person("erik", "engineer");
    house.person("paula", "approver");
    for (const auto* const name : {"erik", "paula", "nobody-here"}) {
        CAPTURE(name);
        CHECK(asked_for(name) == "preferred");
    }
}

}  // namespace

}  // namespace sallyport::api::test
