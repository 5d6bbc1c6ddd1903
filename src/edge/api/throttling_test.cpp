// Guessing gets slow at every door where something secret is typed, for everybody alike: by account
// and by address, each further attempt later than the one before.

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

// An attempt from a browser of its own, at this address.
using Attempt = std::function<int(const std::string& peer)>;

// How many attempts pass before the first that has to wait.
int free_attempts(const Attempt& attempt, const std::function<std::string(int)>& peer_of) {
    for (int i = 0; i < 60; ++i) {
        if (attempt(peer_of(i)) == 429) return i;
    }
    return 60;
}

std::string same_peer(int /*attempt*/) {
    return "192.0.2.50";
}

std::string other_peer(int attempt) {
    return "198.51.100." + std::to_string(attempt + 1);
}

// Whole seconds until an attempt passes again.
std::chrono::seconds wait_after(ApiTestHouse& house, const std::function<int()>& attempt) {
    for (std::chrono::seconds waited{0}; waited < 20min; waited += 1s) {
        if (attempt() != 429) return waited;
        house.clock.advance(1s);
    }
    return 20min;
}

TEST_CASE("S0-64 (part): passphrases are slowed down by account, whoever's, and by address") {
    ApiTestHouse house;
    house.person("erik", "engineer");
    house.person("otto", "auditor");
    house.person("ruth", "engineer");
    const auto guess_at = [&](const std::string& name) -> Attempt {
        return [&house, name](const std::string& peer) {
            Browser stranger;
            stranger.peer = peer;
            return house
                .ask(
                    stranger,
                    "POST",
                    "/api/sign-in",
                    {{"login_name", name}, {"passphrase", "guess"}}
                )
                .status;
        };
    };
    // Nobody is exempt: the administrator, the auditor, the engineer, a name that nobody has.
    for (const auto* const name : {"anna", "otto", "erik", "nobody.here"}) {
        CAPTURE(name);
        CHECK(free_attempts(guess_at(name), other_peer) == 5);
        house.clock.advance(24h);  // so that names that share a counter do not meet there
    }
    // However it is written, it is one name.
    int turn = 0;
    const auto spelled = [&](const std::string& name) {
        return [&, name](const std::string& peer) {
            auto written = name;
            auto& letter = written[static_cast<std::size_t>(turn++ % 4)];
            letter = static_cast<char>(letter - ('a' - 'A'));
            return guess_at(written)(peer);
        };
    };
    CHECK(free_attempts(spelled("ruth"), other_peer) == 5);
    house.clock.advance(24h);
    CHECK(free_attempts(spelled("nils"), other_peer) == 5);
    house.clock.advance(24h);

    // One address that tries many names waits as well.
    int names = 0;
    const Attempt spraying = [&](const std::string& peer) {
        return guess_at("person-" + std::to_string(names++))(peer);
    };
    CHECK(free_attempts(spraying, same_peer) == 20);
}

TEST_CASE("S0-64 (part): the wait grows with every failure: 1 s, 2 s, 4 s … 15 minutes") {
    ApiTestHouse house;
    int attempts = 0;
    const auto guess = [&] {
        Browser stranger;
        // Another address each time, so that the account alone counts.
        stranger.peer = other_peer(attempts++ % 200);
        return house
            .ask(
                stranger,
                "POST",
                "/api/sign-in",
                {{"login_name", "nobody.here"}, {"passphrase", "guess"}}
            )
            .status;
    };
    for (int i = 0; i < 5; ++i) {
        CHECK(guess() == 200);
    }
    for (const auto wait : {1s, 2s, 4s, 8s, 16s, 32s, 64s}) {
        CHECK(wait_after(house, guess) == wait);
    }
}

TEST_CASE("S0-64 (part): codes are slowed down, at sign-in and at step-up, right ones included") {
    ApiTestHouse house;
    for (const auto* const name : {"anna", "erik"}) {
        CAPTURE(name);
        auto& person =
            std::string(name) == "anna" ? house.administrator() : house.person("erik", "engineer");
        house.sign_in(person);
        const Attempt wrong_code = [&](const std::string& peer) {
            person.browser.peer = peer;
            return house.ask(person.browser, "POST", "/api/step-up", {{"code", "000000"}}).status;
        };
        CHECK(free_attempts(wrong_code, other_peer) == 5);
        // A right one has to wait like the others.
        const auto right = [&](Browser& browser, const std::string& path) {
            return house.ask(browser, "POST", path, {{"code", house.code(person)}}).status;
        };
        CHECK(right(person.browser, "/api/step-up") == 429);

        // So at the sign-in, behind the right passphrase: six who got that far, five wrong codes.
        std::vector<Browser> halfway(6);
        for (auto& browser : halfway) {
            browser.peer = "203.0.113.9";
            const auto first = house.ask(
                browser,
                "POST",
                "/api/sign-in",
                {{"login_name", person.name}, {"passphrase", person.passphrase}}
            );
            REQUIRE(first.status == 200);
            if (&browser == &halfway[4]) house.clock.advance(2s);
        }
        auto& last = halfway.back();
        for (auto& browser : halfway) {
            if (&browser == &last) break;
            CHECK(
                house.ask(browser, "POST", "/api/sign-in/code", {{"code", "000000"}}).status == 401
            );
        }
        CHECK(right(last, "/api/sign-in/code") == 429);
        house.clock.advance(2min);
        person.browser.peer = "192.0.2.7";
        CHECK(
            house.ask(
                     person.browser, "POST", "/api/step-up", {{"code", house.code(person)}}
            ).status == 200
        );
    }
}

TEST_CASE("S0-64 (part): recovery codes are slowed down by address, and by no name") {
    ApiTestHouse house;
    house.person("erik", "engineer");
    int names = 0;
    const Attempt wrong = [&](const std::string& peer) {
        Browser stranger;
        // Another address for the passphrase, so that the code alone counts.
        stranger.peer = other_peer(names % 200);
        const nlohmann::json first{
            {"login_name", "nobody-" + std::to_string(names++)}, {"passphrase", "guess"}
        };
        REQUIRE(house.ask(stranger, "POST", "/api/sign-in", first).status == 200);
        stranger.peer = peer;
        const nlohmann::json code{{"code", "ABCD-EFGH-JKMN-PQRS"}};
        return house.ask(stranger, "POST", "/api/sign-in/code", code).status;
    };
    CHECK(free_attempts(wrong, same_peer) == 20);
}

TEST_CASE("S0-64 (part): tickets and the first start's code are slowed down by address") {
    ApiTestHouse before_first_start;
    const Attempt setup = [&](const std::string& peer) {
        Browser stranger;
        stranger.peer = peer;
        return before_first_start
            .ask(
                stranger,
                "POST",
                "/api/setup",
                {{"code", "AAAA-BBBB-CCCC-DDDD"}, {"login_name", "eve"}, {"display_name", "Eve"}}
            )
            .status;
    };
    CHECK(free_attempts(setup, same_peer) == 20);

    ApiTestHouse house;
    auto& anna = house.administrator();
    house.step_up(anna);
    const auto made = house.ask(
        anna.browser,
        "POST",
        "/api/users",
        {{"login_name", "nils"},
         {"display_name", "Nils"},
         {"role", "engineer"},
         {"proofing_method", "in_person"},
         {"proofing_evidence", "identity card"}}
    );
    const auto ticket = made.json["ticket"]["code"].get<std::string>();
    const auto redeem = [&](const std::string& text, const std::string& peer) {
        Browser stranger;
        stranger.peer = peer;
        return house.ask(stranger, "POST", "/api/enrolment", {{"ticket", text}}).status;
    };
    const Attempt guess = [&](const std::string& peer) {
        return redeem("AAAA-BBBB-CCCC-DDDD", peer);
    };
    CHECK(free_attempts(guess, same_peer) == 20);
    CHECK(redeem(ticket, "192.0.2.50") == 429);
    // From elsewhere it still works: a guesser locks nobody else out.
    CHECK(redeem(ticket, "203.0.113.9") == 200);
}

TEST_CASE(
    "S0-64 (part): 99 failures in a row stop sign-ins from elsewhere until an administrator enables"
) {
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& erik = house.person("erik", "engineer");
    int attempts = 0;
    while (house.events("authn.lockout").empty()) {
        house.clock.advance(15min);
        Browser stranger;
        stranger.peer = other_peer(attempts % 200);
        REQUIRE(
            house
                .ask(
                    stranger,
                    "POST",
                    "/api/sign-in",
                    {{"login_name", "erik"}, {"passphrase", "guess"}}
                )
                .status == 200
        );
        REQUIRE(++attempts < 100);
    }
    CHECK(attempts == 99);
    house.clock.advance(24h * 30);
    const auto sign_in_from = [&](const std::string& peer) {
        Browser browser;
        browser.peer = peer;
        const nlohmann::json right{{"login_name", "erik"}, {"passphrase", erik.passphrase}};
        return house.ask(browser, "POST", "/api/sign-in", right).status;
    };
    CHECK(sign_in_from("203.0.113.9") == 429);
    // The holder, where they have signed in before, is not shut out by strangers elsewhere.
    CHECK(sign_in_from("192.0.2.7") == 200);

    house.sign_in(anna);
    const auto enabled = house.ask(anna.browser, "POST", "/api/users/erik/enable");
    CHECK_MESSAGE(enabled.status == 200, enabled.response.body);
    CHECK(sign_in_from("203.0.113.9") == 200);
    const auto unlocked = house.events("authn.unlock");
    REQUIRE(unlocked.size() == 1);
    CHECK(unlocked.front().account_name == "anna");
}

}  // namespace

}  // namespace sallyport::api::test
