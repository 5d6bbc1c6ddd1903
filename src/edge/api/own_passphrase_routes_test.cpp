#include "edge/api/own_passphrase_routes.h"

#include "domain/policy/policy.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

std::string reason_of(const Answer& answer) {
    return answer.status < 300 ? "ok" : answer.json.value("reason", "");
}

std::int64_t hashes_of(ApiTestHouse& house, const std::string& name) {
    return house.database().read([&](store::Tx& tx) {
        return tx
            .query(
                "SELECT COUNT(*) FROM passphrase_verifier v "
                "JOIN authenticator r ON r.id = v.authenticator_id "
                "JOIN account a ON a.id = r.account_id WHERE a.login_name = ?",
                {name}
            )
            .front()
            .integer(0);
    });
}

// Both forms, with a code that can't be right; what a stranger sees, but for a cookie's value.
std::string tried(ApiTestHouse& house, const std::string& name, const std::string& passphrase) {
    house.clock.advance(1h);
    Browser stranger;
    stranger.peer = "198.51.100.7";
    const auto first = house.ask(
        stranger, "POST", "/api/sign-in", {{"login_name", name}, {"passphrase", passphrase}}
    );
    const auto second = house.ask(stranger, "POST", "/api/sign-in/code", {{"code", "000000"}});
    return std::to_string(first.status) + first.response.body + std::to_string(second.status) +
           second.response.body;
}

std::string one_key_of(ApiTestHouse& house, TestPerson& person) {
    const auto all = house.ask(person.browser, "GET", "/api/self/authenticators").json;
    for (const auto& each : all["authenticators"]) {
        if (each["kind"] == "webauthn" && each["state"] == "active") return each["id"];
    }
    return {};
}

TEST_CASE("S1-70: with two phishing-resistant keys the passphrase goes, and no hash of it stays") {
    ApiTestHouse house(policy::default_policy());
    house.administrator();
    auto& erik = house.person("erik", "engineer");
    const auto off = std::string("/api/self/passphrase/remove");
    house.step_up(erik);
    CHECK(reason_of(house.ask(erik.browser, "POST", off)) == "passphrase.too_few_keys");
    CHECK(hashes_of(house, "erik") == 1);
    house.add_key(erik);
    CHECK(house.page(erik.browser, "/security/passphrase").contains(off));
    house.step_up(erik);
    REQUIRE_MESSAGE(house.ask(erik.browser, "POST", off).status == 200, "two keys are enough");
    CHECK(hashes_of(house, "erik") == 0);
    CHECK(house.events("cred.passphrase_removed").size() == 1);
    CHECK(house.page(erik.browser, "/security/passphrase").contains("id=\"without\""));

    // From outside he looks like anybody, and like nobody.
    const auto his = tried(house, "erik", erik.passphrase);
    CHECK(his == tried(house, "erik", "a guess"));
    CHECK(his == tried(house, "nobody.here", "a guess"));
    CHECK(his == tried(house, "anna", "a guess"));

    // His key signs him in, alone.
    Browser browser;
    const auto offer = house.ask(browser, "GET", "/api/sign-in/passkey");
    const auto signed_in =
        house.ask(browser, "POST", "/api/sign-in/passkey", erik.key->get(offer.json));
    REQUIRE_MESSAGE(signed_in.status == 200, signed_in.response.body);
    erik.browser = browser;

    // Of his two keys neither is given up before there is another way in.
    const auto revoke = "/api/self/authenticators/" + one_key_of(house, erik) + "/revoke";
    CHECK(reason_of(house.ask(erik.browser, "POST", revoke)) == "authenticator.needs_passphrase");
    const nlohmann::json chosen{{"passphrase", "a kettle sings in the attic"}};
    REQUIRE(house.ask(erik.browser, "POST", "/api/self/passphrase", chosen).status == 200);
    CHECK(hashes_of(house, "erik") == 1);
    CHECK(reason_of(house.ask(erik.browser, "POST", revoke)) == "ok");
}

TEST_CASE("a person sets another passphrase, by the rules, and the one before opens nothing") {
    ApiTestHouse house;
    house.administrator();
    auto& erik = house.person("erik", "engineer");
    const auto set = [&](const std::string& text) {
        return house.ask(erik.browser, "POST", "/api/self/passphrase", {{"passphrase", text}});
    };
    house.clock.advance(5min + 1s);
    CHECK(reason_of(set("a kettle sings in the attic")) == "step_up_required");
    house.step_up(erik);
    CHECK(set("short").status == 422);
    REQUIRE(set("a kettle sings in the attic").status == 200);
    CHECK(hashes_of(house, "erik") == 1);
    const auto before = erik.passphrase;
    erik.passphrase = "a kettle sings in the attic";
    house.sign_in(erik);
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 200);
    CHECK(tried(house, "erik", before) == tried(house, "nobody.here", before));
}

}  // namespace

}  // namespace sallyport::api::test
