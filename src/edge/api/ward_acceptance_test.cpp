// What the requirements ask of short ways back at a ward's workstations, whole: within the window
// one factor is enough, outside of it none is, and a session goes with its person.

#include "edge/api/badge_ward_fixture.h"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

nlohmann::json session_of(Ward& ward) {
    return ward.house.ask(ward.here.browser, "GET", "/api/session").json;
}

// One factor at the workstation where the session was locked.
struct WayBack {
    std::string name;
    std::function<Answer(Ward&)> attempt;
};

std::vector<WayBack> ways_back() {
    return {
        {"passphrase",
         [](Ward& ward) {
             return ward.house.ask(
                 ward.here.browser,
                 "POST",
                 "/api/session/unlock",
                 {{"passphrase", ward.nora.passphrase}}
             );
         }},
        {"security key",
         [](Ward& ward) {
             auto& browser = ward.here.browser;
             const auto asked = ward.house.ask(browser, "GET", "/api/session/unlock/key");
             if (asked.status != 200) return asked;
             CHECK(asked.json["userVerification"] == "required");
             return ward.house.ask(
                 browser, "POST", "/api/session/unlock/key", ward.nora.key->get(asked.json)
             );
         }},
        {"badge and PIN",
         [](Ward& ward) {
             (void)ward.tap(ward.here, nora_card);
             return ward.pin(ward.here, nora_pin);
         }},
    };
}

// Idle for as long as a ward allows, until `passed` since the sign-in; then locked.
void lock_by_idle(Ward& ward, std::chrono::seconds passed) {
    constexpr std::chrono::seconds idle = 30min;
    auto left = passed - idle;
    while (left > 0s) {
        const auto step = std::min<std::chrono::seconds>(left, 20min);
        ward.house.clock.advance(step);
        left -= step;
        REQUIRE(ward.house.ask(ward.here.browser, "GET", "/").status == 200);
    }
    ward.house.clock.advance(idle);
    REQUIRE(ward.session_status(ward.here) == 401);
    REQUIRE(ward.newest("session.locked")["fields"]["cause"] == "idle");
}

void give_all(Ward& ward) {
    ward.give_badges();
    ward.house.sign_in(ward.nora);
    ward.house.add_key(ward.nora);
}

TEST_CASE(
    "S1-33: locked by idleness at a ward's workstation, one factor unlocks for four hours after "
    "all "
    "of them; off that context it takes all"
) {
    for (const auto& way : ways_back()) {
        CAPTURE(way.name);
        for (const auto passed : {std::chrono::seconds(4h), 4h + 1s}) {
            CAPTURE(passed.count());
            Ward ward;
            give_all(ward);
            ward.sign_in(ward.nora, ward.here);
            const auto before = session_of(ward);
            lock_by_idle(ward, passed);
            const auto back = way.attempt(ward);
            if (passed > 4h) {
                CHECK(back.status >= 400);
                CHECK(ward.session_status(ward.here) == 401);
                ward.sign_in(ward.nora, ward.here);
                CHECK(session_of(ward)["factor"] == "pwd+otp");
                continue;
            }
            REQUIRE_MESSAGE(back.status == 200, back.response.body);
            const auto after = session_of(ward);
            // The eight hours are those of the sign-in.
            CHECK(after["ends_at"] == before["ends_at"]);
        }
        {
            Ward ward;  // the same browser, outside of the ward
            give_all(ward);
            ward.sign_in(ward.nora, ward.here);
            lock_by_idle(ward, 30min);
            ward.here.browser.peer = "192.0.2.7";
            CHECK(way.attempt(ward).status >= 400);
            CHECK(ward.session_status(ward.here) == 401);
        }
        {
            Ward ward;  // a browser that is no workstation
            give_all(ward);
            ward.sign_in(ward.nora, ward.here);
            lock_by_idle(ward, 30min);
            ward.here.browser.cookies.erase(workstation_cookie);
            CHECK(way.attempt(ward).status >= 400);
            CHECK(ward.session_status(ward.here) == 401);
        }
    }
}

TEST_CASE(
    "S1-72: a tap and a PIN unlock within the window; at a workstation that was taken off the list "
    "the next unlock needs all factors"
) {
    Ward ward;
    ward.give_badges();
    ward.sign_in(ward.nora, ward.here);
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "locked");
    REQUIRE(ward.session_status(ward.here) == 401);
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
    CHECK(ward.session_status(ward.here) == 401);  // a card alone opens nothing
    REQUIRE(ward.pin(ward.here, nora_pin).status == 200);
    REQUIRE(ward.tap(ward.here, otto_card).json["outcome"] == "asks_for_pin");
    CHECK(ward.pin(ward.here, nora_pin).json["reason"] == "badge.refused");
    CHECK(ward.session_status(ward.here) == 401);  // and another's not hers
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
    REQUIRE(ward.pin(ward.here, nora_pin).status == 200);

    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "locked");
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
    const auto tap = ward.house.ask(ward.here.browser, "GET", "/badge").json["tap"];
    ward.house.sign_in(ward.clark);
    const auto remove = "/api/workstations/" + ward.here.id + "/remove";
    REQUIRE(ward.house.ask(ward.clark.browser, "POST", remove).status == 200);
    CHECK(ward.pin_for(ward.here, tap, nora_pin).json["reason"] == "badge.no_workstation");
    CHECK(ward.tap(ward.here, nora_card).json["reason"] == "badge_reader.unknown");
    const nlohmann::json alone{{"passphrase", ward.nora.passphrase}};
    CHECK(ward.house.ask(ward.here.browser, "POST", "/api/session/unlock", alone).status == 401);
    CHECK(ward.session_status(ward.here) == 401);
    ward.sign_in(ward.nora, ward.here);
    CHECK(session_of(ward)["factor"] == "pwd+otp");
}

TEST_CASE(
    "S1-80: a session roams from one workstation to the next: the first is locked, the lineage is "
    "kept, and the log has both workstations"
) {
    Ward ward;
    ward.give_badges();
    ward.sign_in(ward.nora, ward.here);
    const auto first = ward.newest("session.created")["session"];
    const auto before = ward.house.ask(ward.here.browser, "GET", "/api/session").json;
    CHECK(ward.tap(ward.there, nora_card).json["outcome"] == "asks_for_pin");
    CHECK(ward.session_status(ward.here) == 200);  // nothing is proven yet
    const auto created = ward.house.events("session.created").size();
    const auto moved = ward.pin(ward.there, nora_pin);
    REQUIRE_MESSAGE(moved.status == 200, moved.response.body);
    CHECK(ward.session_status(ward.here) == 401);
    CHECK(ward.session_status(ward.there) == 200);
    CHECK(ward.newest("session.locked")["fields"]["cause"] == "roamed");
    // No new one: what began with all factors goes on, to the same end.
    CHECK(ward.house.events("session.created").size() == created);
    CHECK(
        ward.house.ask(ward.there.browser, "GET", "/api/session").json["ends_at"] ==
        before["ends_at"]
    );
    const auto there = ward.newest("session.roamed");
    CHECK(there["fields"]["from_session"] == first);
    CHECK(there["fields"]["from_workstation"] == ward.here.id);
    CHECK(there["fields"]["to_workstation"] == ward.there.id);

    // And back again.
    ward.house.clock.advance(10s);
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
    REQUIRE(ward.pin(ward.here, nora_pin).status == 200);
    CHECK(ward.session_status(ward.there) == 401);
    const auto back = ward.newest("session.roamed");
    CHECK(back["fields"]["from_session"] == there["session"]);
    CHECK(back["fields"]["from_workstation"] == ward.there.id);
    CHECK(back["fields"]["to_workstation"] == ward.here.id);
}

TEST_CASE("S0-64 (part): 99 failures at a nurse's name from elsewhere leave her badge as it is") {
    Ward ward;
    ward.give_badges();
    for (int i = 0; i < 99; ++i) {
        ward.house.clock.advance(15min);
        Browser stranger;
        stranger.peer = "198.51.100." + std::to_string(i + 1);
        const nlohmann::json guess{{"login_name", ward.nora.name}, {"passphrase", "guess"}};
        REQUIRE(ward.house.ask(stranger, "POST", "/api/sign-in", guess).status == 200);
    }
    Browser elsewhere;
    elsewhere.peer = "203.0.113.9";
    const nlohmann::json right{
        {"login_name", ward.nora.name}, {"passphrase", ward.nora.passphrase}
    };
    CHECK(ward.house.ask(elsewhere, "POST", "/api/sign-in", right).status == 429);

    ward.sign_in(ward.nora, ward.here);
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "locked");
    REQUIRE(ward.session_status(ward.here) == 401);
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
    CHECK(ward.pin(ward.here, nora_pin).status == 200);
    CHECK(session_of(ward)["login_name"] == ward.nora.name);
}

TEST_CASE(
    "S1-68 (part): a workstation that starts by itself has no right until a person taps in, and "
    "then theirs"
) {
    Ward ward;
    ward.give_badges();
    auto& kiosk = ward.here.browser;
    const auto may_look = [&] {
        return ward.house.ask(kiosk, "GET", "/api/session").status == 200 &&
               ward.house.ask(kiosk, "GET", "/api/sessions").status == 200;
    };
    CHECK_FALSE(may_look());
    // Nobody's session is open there: a tap alone, and a tap with its PIN, make none.
    (void)ward.tap(ward.here, nora_card);
    CHECK_FALSE(may_look());
    CHECK(ward.pin(ward.here, nora_pin).status >= 400);
    CHECK_FALSE(may_look());

    ward.sign_in(ward.nora, ward.here);
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "locked");
    CHECK_FALSE(may_look());
    REQUIRE(ward.tap(ward.here, nora_card).json["outcome"] == "asks_for_pin");
    CHECK_FALSE(may_look());
    REQUIRE(ward.pin(ward.here, nora_pin).status == 200);
    CHECK(may_look());
    CHECK(session_of(ward)["login_name"] == ward.nora.name);
    const auto unlocked = ward.house.events("session.unlocked");
    REQUIRE(unlocked.size() == 1);
    CHECK(unlocked.front().account_name == ward.nora.name);
}

}  // namespace

}  // namespace sallyport::api::test
