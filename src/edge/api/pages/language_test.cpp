#include "edge/api/pages/language.h"

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::api {

namespace {

std::string wanted(std::string_view field) {
    const auto found = accepted_language(field);
    return found ? std::string(language_tag(*found)) : "none";
}

TEST_CASE("the language that is wanted most is taken, of those that there are") {
    CHECK(wanted("de") == "de");
    CHECK(wanted("de-AT") == "de");
    CHECK(wanted("DE-ch, en;q=0.5") == "de");
    CHECK(wanted("fr, en;q=0.7, de;q=0.8") == "de");
    CHECK(wanted("fr, en;q=0.8 ,\tde;q=0.7") == "en");
    CHECK(wanted("en, de") == "en");
    CHECK(wanted("de;q=0.001, en;q=0") == "de");
    CHECK(wanted("de;q=0") == "none");
    CHECK(wanted("fr") == "none");
    CHECK(wanted("*") == "none");
    CHECK(wanted("") == "none");
}

TEST_CASE("a field that is malformed or endless wants nothing") {
    for (const auto* field :
         {"de;q", "de;q=", "de;q=2", "de;q=1.001", "de;q=0.1234", "de;q=.5", "de;q=0,5", "de;x=1"
         }) {
        CAPTURE(field);
        CHECK(wanted(field) == "none");
    }
    std::string endless = "de";
    for (int i = 0; i < 16; ++i) {
        endless += ", fr";
    }
    CHECK(wanted(endless) == "none");
}

TEST_CASE("a choice counts more than what the browser asks for, and leads back to the page") {
    test::ApiTestHouse house;
    test::Browser browser;
    const auto seen = [&] { return house.page(browser, "/sign-in?next=%2Fgrants"); };
    CHECK(seen().find("<html lang=\"en\">") != std::string::npos);
    CHECK(
        seen().find("/language?to=de&amp;next=%2Fsign-in%3Fnext%3D%252Fgrants") != std::string::npos
    );
    const auto chosen =
        house.ask(browser, "GET", "/language?to=de&next=%2Fsign-in%3Fnext%3D%252Fgrants");
    CHECK(chosen.status == 303);
    CHECK(chosen.response.headers.only("location") == "/sign-in?next=%2Fgrants");
    CHECK(seen().find("<html lang=\"de\">") != std::string::npos);
    CHECK(seen().find("Anmelden") != std::string::npos);

    // What else was put into the address is not shown again.
    CHECK(
        house.page(browser, "/sign-in?code=4711-4711&next=%2F").find("4711") == std::string::npos
    );
    CHECK(house.page(browser, "/sign-in?code=4711-4711").find("4711") == std::string::npos);

    CHECK(house.ask(browser, "GET", "/language?to=fr").status == 422);
    const auto elsewhere = house.ask(browser, "GET", "/language?to=en&next=%2F%2Fevil.example%2F");
    CHECK(elsewhere.response.headers.only("location") == "/");
}

}  // namespace

}  // namespace sallyport::api
