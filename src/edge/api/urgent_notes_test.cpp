// What people are urged to do, for as long as it is left to do.

#include "edge/api/pages/urgent_notes.h"

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::api::test {

namespace {

bool says(ApiTestHouse& house, const TestPerson& person, const std::string& path, const char* id) {
    return house.page(person.browser, path).contains("id=\"" + std::string(id) + "\"");
}

TEST_CASE("whoever has one authenticator is asked for a second, until there is one") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    for (const auto* const path : {"/", "/security"}) {
        CAPTURE(path);
        CHECK(says(house, erik, path, "second-authenticator"));
    }
    house.step_up(erik);
    house.add_key(erik);
    for (const auto* const path : {"/", "/security"}) {
        CAPTURE(path);
        CHECK_FALSE(says(house, erik, path, "second-authenticator"));
    }
}

TEST_CASE("what does not suffice for the role is no second one") {
    ApiTestHouse house(policy::default_policy());
    auto& sam = house.person("sam", "security_officer");
    house.clock.advance(std::chrono::seconds(31));
    house.sign_in(sam);
    CHECK(says(house, sam, "/", "second-authenticator"));
}

TEST_CASE("the only administrator is urged to make another, who has to be there") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    CHECK(says(house, anna, "/", "only-administrator"));
    house.step_up(anna);
    const auto invited = house.ask(
        anna.browser,
        "POST",
        "/api/users",
        {{"login_name", "bea"},
         {"display_name", "Bea"},
         {"role", "gateway_administrator"},
         {"proofing_method", "in_person"},
         {"proofing_evidence", "identity card"}}
    );
    REQUIRE(invited.status == 201);
    CHECK(says(house, anna, "/", "only-administrator"));
    (void)house.person("clark", "clinical_administrator");
    CHECK(says(house, anna, "/", "only-administrator"));
    (void)house.person("bert", "gateway_administrator");
    CHECK_FALSE(says(house, anna, "/", "only-administrator"));
    auto& erik = house.person("erik", "engineer");
    CHECK_FALSE(says(house, erik, "/", "only-administrator"));
}

}  // namespace

}  // namespace sallyport::api::test
