#include "edge/api/enrolment_routes.h"

#include "tests/support/people.h"

#include "edge/api/invited_person.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::api::test {

namespace {

std::string factors_of_newest(ApiTestHouse& house) {
    const auto success = nlohmann::json::parse(house.events("authn.success").front().leaf_json);
    return success["factor"]["amr"].get<std::string>();
}

// What the sign-in asks for after the passphrase; "" where that was enough.
std::string asked_after_passphrase(ApiTestHouse& house, const std::string& name) {
    Browser browser;
    const nlohmann::json first{{"login_name", name}, {"passphrase", invited_passphrase}};
    const auto answer = house.ask(browser, "POST", "/api/sign-in", first);
    REQUIRE_MESSAGE(answer.status == 200, answer.response.body);
    return answer.json.value("next", "");
}

TEST_CASE("S0-25: a patient may bring a second factor when enrolling, and is asked for it then on"
) {
    ApiTestHouse house;
    auto& clark = house.person("clark", "clinical_administrator");
    auto petra = invited_person(house, clark, "petra", "patient");
    CHECK(petra.next["second_factor"] == "optional");
    TestPerson app;
    const auto seed =
        sallyport::test::seed_typed_in(petra.next["totp"]["secret"].get<std::string>());
    app.seed.assign(seed.expose().begin(), seed.expose().end());
    const auto finish = [&](const std::string& code) {
        return house.ask(petra.browser, "POST", "/api/enrolment/totp", {{"code", code}});
    };
    // What was typed is looked at: it is not taken for the wish to go on without.
    CHECK(finish("000000").json["reason"] == "totp.wrong");
    CHECK(finish("none").json["reason"] == "totp.malformed");
    CHECK(house.ask(petra.browser, "GET", "/api/session").status == 401);
    const auto done = finish(house.code(app));
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
    CHECK(done.json["recovery_codes"].size() == 10);
    CHECK(factors_of_newest(house) == "pwd+otp");
    CHECK(asked_after_passphrase(house, "petra") == "code");
}

TEST_CASE("S0-25: a patient may go on with the passphrase alone, nobody else may") {
    ApiTestHouse house;
    auto& clark = house.person("clark", "clinical_administrator");
    auto petra = invited_person(house, clark, "petra", "patient");
    const auto done = house.ask(petra.browser, "POST", "/api/enrolment/totp", {{"code", ""}});
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
    CHECK(done.json["recovery_codes"].empty());
    CHECK(factors_of_newest(house) == "pwd");
    CHECK(asked_after_passphrase(house, "petra").empty());

    auto erik = invited_person(house, "erik", "engineer");
    CHECK(erik.next["second_factor"] == "demanded");
    const auto without = house.ask(erik.browser, "POST", "/api/enrolment/totp", {{"code", ""}});
    CHECK(without.json["reason"] == "totp.malformed");
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 401);
}

}  // namespace

}  // namespace sallyport::api::test
