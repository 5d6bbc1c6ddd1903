#pragma once
// For tests: somebody in the middle of their enrolment.

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::api::test {

inline constexpr auto invited_passphrase = "a kettle sings in the attic";

struct InvitedPerson {
    Browser browser;
    nlohmann::json next;  // what the enrolment asks for now
};

// Made by `creator`; the ticket is taken and a passphrase chosen.
inline InvitedPerson invited_person(
    ApiTestHouse& house, TestPerson& creator, const std::string& name, const std::string& role
) {
    house.step_up(creator);
    const auto created = house.ask(
        creator.browser,
        "POST",
        "/api/users",
        {{"login_name", name},
         {"display_name", name},
         {"role", role},
         {"proofing_method", "in_person"},
         {"proofing_evidence", "identity card"}}
    );
    REQUIRE_MESSAGE(created.status == 201, created.response.body);
    const auto ticket = created.json["ticket"]["code"].get<std::string>();
    InvitedPerson person;
    REQUIRE(
        house.ask(person.browser, "POST", "/api/enrolment", {{"ticket", ticket}}).status == 200
    );
    const nlohmann::json chosen{{"passphrase", invited_passphrase}};
    auto next = house.ask(person.browser, "POST", "/api/enrolment/passphrase", chosen);
    REQUIRE_MESSAGE(next.status == 200, next.response.body);
    person.next = std::move(next.json);
    return person;
}

// Made by the first administrator.
inline InvitedPerson invited_person(
    ApiTestHouse& house, const std::string& name, const std::string& role
) {
    return invited_person(house, house.administrator(), name, role);
}

}  // namespace sallyport::api::test
