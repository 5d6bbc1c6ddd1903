#pragma once
// A ward of two workstations with badge readers, two nurses and who registers all that, for tests
// of badges at the door.

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace sallyport::api::test {

inline constexpr auto workstation_cookie = "__Host-sallyport-workstation";
inline constexpr auto session_cookie_name = "__Host-sallyport";
inline constexpr auto nora_card = "04a1b2c3d4e5f6";
inline constexpr auto otto_card = "04ffeeddccbbaa";
inline constexpr auto nora_pin = "274916";
inline constexpr auto otto_pin = "816203";

// A workstation as its browser and its badge reader know it.
struct Desk {
    std::string id;
    Browser browser;
    Browser reader;
};

class Ward {
public:
    explicit Ward(const std::string& mode = "tap") {
        house.name_ward();
        house.sign_in(clark);
        here = desk("ward-3-a", mode);
        there = desk("ward-3-b", mode);
    }

    Desk desk(const std::string& name, const std::string& mode) {
        Desk made;
        clark.browser.cookies.erase(workstation_cookie);
        const auto registered = house.ask(
            clark.browser, "POST", "/api/workstations", {{"name", name}, {"zone", "ward-3"}}
        );
        REQUIRE_MESSAGE(registered.status == 201, registered.response.body);
        made.id = registered.json["id"].get<std::string>();
        made.browser.cookies[workstation_cookie] = clark.browser.cookies[workstation_cookie];
        made.browser.peer = "10.3.0.5";
        clark.browser.cookies.erase(workstation_cookie);
        const auto issued = house.ask(
            clark.browser,
            "POST",
            "/api/workstations/" + made.id + "/badge-reader",
            {{"mode", mode}}
        );
        REQUIRE_MESSAGE(issued.status == 201, issued.response.body);
        ticket = issued.json["ticket"].get<std::string>();
        made.reader.peer = "10.3.0.5";
        const auto entered =
            house.ask(made.reader, "POST", "/api/badge-reader", {{"ticket", ticket}});
        REQUIRE_MESSAGE(entered.status == 201, entered.response.body);
        CHECK(entered.json["workstation"] == name);
        made.reader.bearer = entered.json["token"].get<std::string>();
        return made;
    }

    // All factors, in the browser of that workstation.
    void sign_in(TestPerson& person, Desk& at) {
        house.clock.advance(std::chrono::seconds(31));
        const nlohmann::json first{{"login_name", person.name}, {"passphrase", person.passphrase}};
        REQUIRE(house.ask(at.browser, "POST", "/api/sign-in", first).status == 200);
        const auto second =
            house.ask(at.browser, "POST", "/api/sign-in/code", {{"code", house.code(person)}});
        REQUIRE_MESSAGE(second.status == 200, second.response.body);
        at.browser.csrf = second.json["csrf"].get<std::string>();
        last = second;
    }

    Answer tap(Desk& at, const std::string& uid) {
        return house.ask(at.reader, "POST", "/api/badge-reader/tap", {{"uid", uid}});
    }

    Answer take_away(Desk& at) {
        return house.ask(at.reader, "POST", "/api/badge-reader/removal", nlohmann::json::object());
    }

    // The PIN for whatever waits at that workstation.
    Answer pin(Desk& at, const std::string& typed) {
        const auto waiting = house.ask(at.browser, "GET", "/badge").json;
        const bool waits = waiting.is_object() && waiting.contains("tap");
        return pin_for(at, waits ? waiting["tap"].get<std::string>() : "", typed);
    }

    Answer pin_for(Desk& at, const std::string& tap, const std::string& typed) {
        return house.ask(
            at.browser, "POST", "/api/session/unlock-with-badge", {{"tap", tap}, {"pin", typed}}
        );
    }

    // Of whoever is signed in there.
    Answer bind(Desk& at, const std::string& uid, const std::string& typed) {
        REQUIRE(tap(at, uid).status == 200);
        const auto shown = house.ask(at.browser, "GET", "/security/badge").json;
        return house.ask(
            at.browser,
            "POST",
            "/api/self/authenticators/badge",
            {{"tap", shown.value("tap", "")}, {"label", "My badge"}, {"pin", typed}}
        );
    }

    int session_status(Desk& at) { return house.ask(at.browser, "GET", "/api/session").status; }

    nlohmann::json newest(const std::string& type) {
        const auto events = house.events(type);
        REQUIRE_FALSE(events.empty());
        const auto last_one = std::ranges::max_element(events, {}, &audit::Entry::at);
        return nlohmann::json::parse(last_one->leaf_json);
    }

    // Two nurses with badges, both signed out.
    void give_badges() {
        sign_in(nora, here);
        const auto hers = bind(here, nora_card, nora_pin);
        REQUIRE_MESSAGE(hers.status == 201, hers.response.body);
        nora_badge = hers.json["id"].get<std::string>();
        REQUIRE(house.ask(here.browser, "POST", "/api/session/end").status == 200);
        sign_in(otto, here);
        REQUIRE(bind(here, otto_card, otto_pin).status == 201);
        REQUIRE(house.ask(here.browser, "POST", "/api/session/end").status == 200);
    }

    ApiTestHouse house;
    TestPerson& clark = house.person("clark", "clinical_administrator");
    TestPerson& nora = house.person(clark, "nora", "clinician");
    TestPerson& otto = house.person(clark, "otto", "clinician");
    Desk here;
    Desk there;
    std::string ticket;
    std::string nora_badge;
    Answer last;
};

}  // namespace sallyport::api::test
