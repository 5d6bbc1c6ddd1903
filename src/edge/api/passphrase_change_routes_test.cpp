#include "edge/api/passphrase_change_routes.h"

#include "domain/authn/breach_check.h"
#include "domain/authn/breach_samples.h"
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

// Both forms of the sign-in; what comes next.
std::string sign_in(ApiTestHouse& house, TestPerson& person) {
    house.clock.advance(60s);
    person.browser = {};
    const auto first = house.ask(
        person.browser,
        "POST",
        "/api/sign-in",
        {{"login_name", person.name}, {"passphrase", person.passphrase}}
    );
    REQUIRE(first.status == 200);
    if (first.json.value("next", "") == "passphrase") return "passphrase";
    const auto second =
        house.ask(person.browser, "POST", "/api/sign-in/code", {{"code", house.code(person)}});
    return second.status == 200 ? second.json.value("next", "session") : reason_of(second);
}

Answer change(ApiTestHouse& house, TestPerson& person, const std::string& passphrase) {
    return house.ask(person.browser, "POST", "/api/passphrase", {{"passphrase", passphrase}});
}

Answer signal(ApiTestHouse& house, TestPerson& by, const std::string& name) {
    house.step_up(by);
    return house.ask(by.browser, "POST", "/api/users/" + name + "/compromised");
}

TEST_CASE(
    "S0-85 (part): signalled compromise ends sessions, and sign-in sets a new passphrase first"
) {
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& erik = house.person("erik", "engineer");
    auto before = erik.browser;
    const auto signalled = signal(house, anna, "erik");
    REQUIRE_MESSAGE(signalled.status == 200, signalled.response.body);
    CHECK(house.ask(before, "GET", "/api/session").status == 401);
    CHECK(house.events("cred.compromise_detected").size() == 1);

    // A sign-in that is right gives no session, but the way to a new passphrase.
    CHECK(sign_in(house, erik) == "passphrase");
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 401);
    CHECK(house.page(erik.browser, "/passphrase").contains("Choose another"));
    CHECK(reason_of(change(house, erik, erik.passphrase)) == "passphrase.same");
    CHECK(reason_of(change(house, erik, "short")) == "passphrase.too_short");
    CHECK(reason_of(change(house, erik, "three kites above the dam")) == "ok");
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 401);
    // Once.
    CHECK(change(house, erik, "another four kites and dams").status == 410);
    CHECK(house.events("cred.password_changed").size() == 1);

    const auto old = erik.passphrase;
    CHECK(sign_in(house, erik) == "authn.refused");
    erik.passphrase = "three kites above the dam";
    CHECK(sign_in(house, erik) == "session");
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 200);
    CHECK(old != erik.passphrase);
}

TEST_CASE("S0-85 (part): who has not both factors learns nothing of it and changes nothing") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& erik = house.person("erik", "engineer");
    REQUIRE(signal(house, anna, "erik").status == 200);
    Browser thief;
    const auto first = house.ask(
        thief, "POST", "/api/sign-in", {{"login_name", "erik"}, {"passphrase", erik.passphrase}}
    );
    CHECK(first.json.value("next", "") == "code");
    const auto wrong = house.ask(thief, "POST", "/api/sign-in/code", {{"code", "000000"}});
    CHECK(reason_of(wrong) == "authn.refused");
    const auto tried =
        house.ask(thief, "POST", "/api/passphrase", {{"passphrase", "three kites above the dam"}});
    CHECK(tried.status == 410);
    // Nobody signals their own, and only who administers people does.
    CHECK(reason_of(signal(house, anna, "anna")) == "user.own_account");
    // The way is open for ten minutes.
    CHECK(sign_in(house, erik) == "passphrase");
    house.clock.advance(10min);
    CHECK(change(house, erik, "three kites above the dam").status == 410);
    CHECK(sign_in(house, erik) == "passphrase");
    CHECK(reason_of(change(house, erik, "three kites above the dam")) == "ok");
}

TEST_CASE("S0-85 (part): a passphrase that has since become public is found at sign-in") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    auto before = erik.browser;
    authn::BreachCheck breaches;
    breaches.use(sallyport::test::list_of({erik.passphrase}));
    house.authn().breaches = &breaches;

    CHECK(sign_in(house, erik) == "passphrase");
    CHECK(house.ask(before, "GET", "/api/session").status == 401);
    const auto found = house.events("cred.compromise_detected");
    REQUIRE(found.size() == 1);
    CHECK(found.front().leaf_json.contains("breach_list"));
    CHECK(reason_of(change(house, erik, erik.passphrase)) == "passphrase.breached");
    CHECK(reason_of(change(house, erik, "three kites above the dam")) == "ok");
    erik.passphrase = "three kites above the dam";
    CHECK(sign_in(house, erik) == "session");
    house.authn().breaches = nullptr;
}

TEST_CASE("S0-85 (part): in a default install no passphrase grows old") {
    ApiTestHouse house(policy::default_policy());
    auto& erik = house.person("erik", "engineer");
    house.clock.advance(24h * 365 * 3);
    house.sign_in(erik);  // with the same passphrase, and a key
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 200);
}

}  // namespace

}  // namespace sallyport::api::test
