// Security keys and passkeys over the API, with a key in software: what a browser can be made to
// send, right and wrong. The ceremonies themselves are checked in domain/authn/webauthn, and in a
// real browser in tests/e2e/security_key.test.mjs.

#include "edge/api/api_test_house.h"
#include "edge/api/invited_person.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;
using sallyport::test::SoftwareKey;

constexpr auto sign_in_path = "/api/sign-in/passkey";

TestPerson& with_passkey(ApiTestHouse& house) {
    auto& erik = house.person("erik", "engineer");
    house.add_key(erik);
    return erik;
}

// The answer of the person's passkey to what the browser is asked.
nlohmann::json shown(ApiTestHouse& house, Browser& browser, SoftwareKey& key) {
    const auto asked = house.ask(browser, "GET", sign_in_path);
    REQUIRE(asked.status == 200);
    CHECK(asked.json["allowCredentials"].empty());
    CHECK(asked.json["userVerification"] == "required");
    return key.get(asked.json);
}

std::string last_failure(ApiTestHouse& house) {
    const auto failures = house.events("authn.failure");
    REQUIRE_FALSE(failures.empty());
    return failures.front().reason;
}

TEST_CASE("a passkey alone opens a session of two factors that resists phishing") {
    ApiTestHouse house;
    auto& erik = with_passkey(house);
    Browser browser;
    const auto done = house.ask(browser, "POST", sign_in_path, shown(house, browser, *erik.key));
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
    CHECK(done.json["login_name"] == "erik");
    const auto session = house.ask(browser, "GET", "/api/session").json;
    CHECK(session["factor"] == "hwk+uv");
    const auto success = nlohmann::json::parse(house.events("authn.success").front().leaf_json);
    CHECK(success["factor"]["phishing_resistant"] == true);
    CHECK(success["factor"]["aal"] == 3);
}

TEST_CASE("a passkey that can be copied to other devices says so in the log, and is AAL 2") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    house.step_up(erik);
    SoftwareKey key("https://sallyport.example.org");
    key.plan().flags |= sallyport::test::flag_be | sallyport::test::flag_bs;
    const std::string path = "/api/self/authenticators/webauthn";
    auto made = key.create(house.ask(erik.browser, "POST", path + "/options").json);
    made["label"] = "Phone";
    REQUIRE(house.ask(erik.browser, "POST", path, made).status == 201);
    Browser browser;
    REQUIRE(house.ask(browser, "POST", sign_in_path, shown(house, browser, key)).status == 200);
    const auto success = nlohmann::json::parse(house.events("authn.success").front().leaf_json);
    CHECK(success["factor"]["amr"] == "swk+uv");
    CHECK(success["factor"]["aal"] == 2);
}

TEST_CASE("S1-13 (part): an assertion is good once, in its browser, for five minutes") {
    ApiTestHouse house;
    auto& erik = with_passkey(house);
    Browser browser;
    const auto answer = shown(house, browser, *erik.key);
    Browser other;
    (void)house.ask(other, "GET", sign_in_path);
    CHECK(house.ask(other, "POST", sign_in_path, answer).status == 401);
    CHECK(last_failure(house) == "webauthn.challenge");

    REQUIRE(house.ask(browser, "POST", sign_in_path, answer).status == 200);
    CHECK(house.ask(browser, "POST", sign_in_path, answer).status == 401);
    CHECK(last_failure(house) == "webauthn.challenge_spent");

    const auto late = shown(house, browser, *erik.key);
    house.clock.advance(5min);
    CHECK(house.ask(browser, "POST", sign_in_path, late).status == 401);
    CHECK(last_failure(house) == "webauthn.challenge_over");
}

TEST_CASE("a copied key is noticed by its counter") {
    ApiTestHouse house;
    auto& erik = with_passkey(house);
    auto copy = *erik.key;
    Browser browser;
    for (int i = 0; i < 2; ++i) {
        const auto answer = shown(house, browser, *erik.key);
        REQUIRE(house.ask(browser, "POST", sign_in_path, answer).status == 200);
    }
    CHECK(house.ask(browser, "POST", sign_in_path, shown(house, browser, copy)).status == 401);
    CHECK(last_failure(house) == "webauthn.sign_count");
}

TEST_CASE("S1-71 (part): what was signed on another page opens nothing") {
    ApiTestHouse house;
    auto& erik = with_passkey(house);
    erik.key->plan().origin = "https://sallyport.example.org.login.example";
    Browser browser;
    const auto answer = shown(house, browser, *erik.key);
    const auto refused = house.ask(browser, "POST", sign_in_path, answer);
    CHECK(refused.status == 401);
    CHECK(refused.json["reason"] == "authn.refused");
    CHECK(last_failure(house) == "webauthn.origin");
}

TEST_CASE("a key that nobody has, or that its holder suspended, is refused alike") {
    ApiTestHouse house;
    auto& erik = with_passkey(house);
    Browser browser;
    SoftwareKey strange("https://sallyport.example.org");
    (void)strange.create(
        {{"rp", {{"id", "sallyport.example.org"}}},
         {"user", {{"id", to_base64url(Bytes(32))}}},
         {"challenge", to_base64url(Bytes(32))}}
    );
    const auto unknown = house.ask(browser, "POST", sign_in_path, shown(house, browser, strange));

    const auto all = house.ask(erik.browser, "GET", "/api/self/authenticators").json;
    for (const auto& each : all["authenticators"]) {
        if (each["kind"] != "webauthn") continue;
        const auto path = "/api/self/authenticators/" + each["id"].get<std::string>() + "/suspend";
        REQUIRE(house.ask(erik.browser, "POST", path).status == 200);
    }
    const auto suspended =
        house.ask(browser, "POST", sign_in_path, shown(house, browser, *erik.key));
    CHECK(unknown.status == 401);
    CHECK(suspended.status == unknown.status);
    CHECK(suspended.json == unknown.json);
    CHECK(last_failure(house) == "security_key.unknown");
}

TEST_CASE("S1-28: an expired key opens nothing: no sign-in of its own or beside another, no step-up"
) {
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& erik = with_passkey(house);
    house.step_up(anna);
    const std::string path = "/api/users/erik/authenticators";
    const auto all = house.ask(anna.browser, "GET", path).json;
    const auto listed = std::ranges::find(all["authenticators"], "webauthn", [](const auto& each) {
        return each["kind"].template get<std::string>();
    });
    REQUIRE(listed != all["authenticators"].end());
    CHECK((*listed)["serial"] == "11111111-1111-1111-1111-111111111111");  // its AAGUID
    const auto end = house.clock.now() + 2min;
    const nlohmann::json until{{"expires_at", to_text(end)}};
    const auto id = (*listed)["id"].get<std::string>();
    REQUIRE(house.ask(anna.browser, "POST", path + "/" + id + "/expiry", until).status == 200);

    Browser alone;
    const auto early = shown(house, alone, *erik.key);
    REQUIRE(house.ask(alone, "POST", sign_in_path, early).status == 200);
    house.clock.advance(2min);
    const auto late = house.ask(alone, "POST", sign_in_path, shown(house, alone, *erik.key));
    CHECK(late.status == 401);
    CHECK(last_failure(house) == "security_key.unknown");

    Browser beside;
    const nlohmann::json form{{"login_name", "erik"}, {"passphrase", erik.passphrase}};
    REQUIRE(house.ask(beside, "POST", "/api/sign-in", form).status == 200);
    const auto asked = house.ask(beside, "GET", "/api/sign-in/key");
    const auto second = house.ask(beside, "POST", "/api/sign-in/key", erik.key->get(asked.json));
    CHECK(second.status == 401);

    // The session that was opened meanwhile is asked as if it had no key.
    CHECK(house.ask(erik.browser, "GET", "/api/step-up/key").status == 404);
}

TEST_CASE("the second form takes the account's own key, and nobody else's") {
    ApiTestHouse house;
    auto& erik = with_passkey(house);
    auto& paula = house.person("paula", "approver");
    house.add_key(paula);
    house.sign_in(erik);
    CHECK(house.ask(erik.browser, "GET", "/api/session").json["factor"] == "pwd+hwk+uv");

    Browser browser;
    const nlohmann::json form{{"login_name", "erik"}, {"passphrase", erik.passphrase}};
    REQUIRE(house.ask(browser, "POST", "/api/sign-in", form).status == 200);
    const auto asked = house.ask(browser, "GET", "/api/sign-in/key");
    const auto refused = house.ask(browser, "POST", "/api/sign-in/key", paula.key->get(asked.json));
    CHECK(refused.status == 401);
    CHECK(last_failure(house) == "security_key.unknown");
}

TEST_CASE("a wrong passphrase and a right key open nothing, and do not say which was wrong") {
    ApiTestHouse house;
    auto& erik = with_passkey(house);
    Browser browser;
    const nlohmann::json form{{"login_name", "erik"}, {"passphrase", "something else"}};
    REQUIRE(house.ask(browser, "POST", "/api/sign-in", form).status == 200);
    const auto asked = house.ask(browser, "GET", "/api/sign-in/key");
    const auto refused = house.ask(browser, "POST", "/api/sign-in/key", erik.key->get(asked.json));
    CHECK(refused.status == 401);
    CHECK(refused.json["reason"] == "authn.refused");
}

TEST_CASE("S0-37 (part): a key shown again lets through what asks for a fresh proof") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    house.add_key(anna);
    house.clock.advance(5min + 1s);
    const nlohmann::json wanted{
        {"login_name", "new"}, {"display_name", "New"}, {"role", "engineer"}
    };
    CHECK(house.ask(anna.browser, "POST", "/api/users", wanted).status == 401);
    REQUIRE(house.with_key(anna, "/api/step-up/key").status == 200);
    CHECK(house.ask(anna.browser, "POST", "/api/users", wanted).status == 201);
    const auto success = nlohmann::json::parse(house.events("stepup.success").front().leaf_json);
    CHECK(success["factor"]["phishing_resistant"] == true);
}

TEST_CASE("a step-up is bound to its session: a sign-in's answer is none") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    house.add_key(anna);
    const auto answer = shown(house, anna.browser, *anna.key);
    CHECK(house.ask(anna.browser, "POST", "/api/step-up/key", answer).status == 401);
    const auto failed = house.events("stepup.failure");
    REQUIRE_FALSE(failed.empty());
    CHECK(failed.front().reason == "webauthn.challenge");
}

TEST_CASE("whoever has no key is told so before anything is asked") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    const auto none = house.ask(anna.browser, "GET", "/api/step-up/key");
    CHECK(none.status == 404);
    CHECK(none.json["reason"] == "security_key.none");
}

TEST_CASE("a person may enrol with a key where an app would be enough") {
    ApiTestHouse house;
    auto [browser, next] = invited_person(house, "erik", "engineer");
    SoftwareKey key("https://sallyport.example.org");
    const auto options = house.ask(browser, "POST", "/api/enrolment/key/options");
    REQUIRE_MESSAGE(options.status == 200, options.response.body);
    auto wrong = key.create(options.json);
    wrong["client_data_json"] = to_base64url(as_bytes("{}"));
    const auto refused = house.ask(browser, "POST", "/api/enrolment/key", wrong);
    CHECK(refused.status == 422);
    CHECK(refused.json["reason"] == "security_key.not_accepted");

    const auto again = house.ask(browser, "POST", "/api/enrolment/key/options");
    const auto done = house.ask(browser, "POST", "/api/enrolment/key", key.create(again.json));
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
    CHECK(done.json["recovery_codes"].size() == 10);
    CHECK(house.ask(browser, "GET", "/api/session").json["factor"] == "pwd+hwk+uv");
    Browser later;
    CHECK(house.ask(later, "POST", sign_in_path, shown(house, later, key)).status == 200);
}

TEST_CASE("a key that is registered is not registered again, by its holder or by anybody") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    auto& paula = house.person("paula", "approver");
    house.add_key(erik);
    const std::string path = "/api/self/authenticators/webauthn";
    for (auto* const who : {&erik, &paula}) {
        CAPTURE(who->name);
        house.step_up(*who);
        const auto options = house.ask(who->browser, "POST", path + "/options");
        REQUIRE_MESSAGE(options.status == 200, options.response.body);
        // From a browser that does not heed excludeCredentials.
        auto plan = erik.key->plan();
        plan.type = "webauthn.create";
        plan.challenge = from_base64url(options.json["challenge"].get<std::string>()).value();
        const auto attestation =
            sallyport::test::attestation_object(plan, sallyport::test::Statement{});
        const nlohmann::json made{
            {"label", "Once more"},
            {"credential_id", to_base64url(plan.credential_id)},
            {"client_data_json", to_base64url(sallyport::test::client_data_json(plan))},
            {"attestation_object", to_base64url(attestation)},
            {"transports", "usb"},
        };
        const auto refused = house.ask(who->browser, "POST", path, made);
        CHECK(refused.status == 409);
        CHECK(refused.json["reason"] == "security_key.registered");
    }
}

TEST_CASE("nothing that a browser can send as a key's answer does more than be refused") {
    ApiTestHouse house;
    Browser browser;
    REQUIRE(house.ask(browser, "GET", sign_in_path).status == 200);
    const std::string long_text(200'000, 'A');
    for (const auto& member :
         {"credential_id", "client_data_json", "authenticator_data", "signature", "user_handle"}) {
        for (const auto& value : {std::string("!"), std::string("AAAA"), long_text}) {
            nlohmann::json body{
                {"credential_id", "AAAA"},
                {"client_data_json", "AAAA"},
                {"authenticator_data", "AAAA"},
                {"signature", "AAAA"},
                {"user_handle", "AAAA"},
            };
            body[member] = value;
            const auto answer = house.ask(browser, "POST", sign_in_path, body);
            CHECK(answer.status >= 400);
            CHECK(answer.status < 500);
        }
    }
}

}  // namespace

}  // namespace sallyport::api::test
