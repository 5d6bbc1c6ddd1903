#include "edge/api/user_authenticator_routes.h"

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

const auto nothing = nlohmann::json::object();

// An administrator and an engineer who phones in.
struct Desk {
    ApiTestHouse house;
    TestPerson& anna = house.administrator();
    TestPerson& erik = house.person("erik", "engineer");

    [[nodiscard]] std::string id_of(const std::string& name, const std::string& kind) {
        const auto listed =
            house.ask(anna.browser, "GET", "/api/users/" + name + "/authenticators").json;
        for (const auto& each : listed["authenticators"]) {
            if (each["kind"] == kind) return each["id"].get<std::string>();
        }
        FAIL("no " << kind);
        return {};
    }

    // By the administrator, to Erik's, with a fresh proof.
    Answer change(
        const std::string& kind, const std::string& verb, const nlohmann::json& body = nothing
    ) {
        house.step_up(anna);
        return house.ask(
            anna.browser,
            "POST",
            "/api/users/erik/authenticators/" + id_of("erik", kind) + "/" + verb,
            body
        );
    }

    // By Erik, to his own.
    Answer own(const std::string& kind, const std::string& verb) {
        house.step_up(erik);
        const auto path = "/api/self/authenticators/" + id_of("erik", kind) + "/" + verb;
        return house.ask(erik.browser, "POST", path, nothing);
    }

    // What Erik is told, newest first: "authenticator_suspended: Recovery codes".
    [[nodiscard]] std::vector<std::string> told() {
        std::vector<std::string> all;
        for (const auto& each :
             house.ask(erik.browser, "GET", "/api/self/notices").json["notices"]) {
            all.push_back(
                each["kind"].get<std::string>() + ": " + each["subject"].get<std::string>()
            );
        }
        return all;
    }

    [[nodiscard]] int sign_in_with(const std::string& code) {
        Browser browser;
        const nlohmann::json form{{"login_name", "erik"}, {"passphrase", erik.passphrase}};
        (void)house.ask(browser, "POST", "/api/sign-in", form);
        return house.ask(browser, "POST", "/api/sign-in/code", {{"code", code}}).status;
    }
};

std::string reason_of(const Answer& answer) {
    return answer.json.value("reason", "");
}

TEST_CASE("what somebody mislaid is suspended for them, they are told, and it is taken up again") {
    Desk desk;
    desk.house.sign_in(desk.erik);
    const auto suspended = desk.change("recovery_codes", "suspend");
    REQUIRE_MESSAGE(suspended.status == 200, suspended.response.body);
    CHECK(suspended.json["state"] == "suspended");
    CHECK(suspended.json["can_sign_in"] == true);
    const auto by = suspended.json["suspended_by"].get<std::string>();
    CHECK(desk.house.events("cred.suspended").front().leaf_json.contains(by));
    // Whoever has it may be at his session.
    CHECK(desk.house.ask(desk.erik.browser, "GET", "/api/session").status == 401);
    CHECK(desk.sign_in_with(desk.erik.recovery_codes.front()) == 401);

    desk.house.sign_in(desk.erik);
    CHECK(desk.told().front() == "authenticator_suspended: Recovery codes");
    const auto page = desk.house.page(desk.erik.browser, "/security");
    CHECK(page.contains("suspended by an administrator"));
    CHECK_FALSE(page.contains("Use again"));
    const auto alone = desk.own("recovery_codes", "resume");
    CHECK(alone.status == 403);
    CHECK(reason_of(alone) == "authenticator.suspended_by_administrator");

    CHECK(desk.house.page(desk.anna.browser, "/users/erik").contains("Lift the suspension"));
    const auto resumed = desk.change("recovery_codes", "resume");
    CHECK(resumed.json.value("state", "") == "active");
    CHECK(resumed.json["suspended_by"].is_null());
    CHECK(desk.told().front() == "authenticator_resumed: Recovery codes");
    CHECK(desk.sign_in_with(desk.erik.recovery_codes.front()) == 200);
    CHECK(reason_of(desk.change("recovery_codes", "resume")) == "authenticator.not_suspended");
}

TEST_CASE("what its holder suspended is the holder's, until an administrator suspends it too") {
    Desk desk;
    REQUIRE(desk.own("recovery_codes", "suspend").status == 200);
    const auto lifted = desk.change("recovery_codes", "resume");
    CHECK(lifted.status == 409);
    CHECK(reason_of(lifted) == "authenticator.suspended_by_holder");
    CHECK(desk.own("recovery_codes", "resume").status == 200);
    CHECK(desk.told().front() == "authenticator_resumed: Recovery codes");

    REQUIRE(desk.own("recovery_codes", "suspend").status == 200);
    CHECK(desk.change("recovery_codes", "suspend").status == 200);
    CHECK(reason_of(desk.change("recovery_codes", "suspend")) == "authenticator.not_active");
    desk.house.sign_in(desk.erik);
    CHECK(
        reason_of(desk.own("recovery_codes", "resume")) ==
        "authenticator.suspended_by_administrator"
    );
    // Lifted, it is what it was: its holder's to use again.
    const auto handed_back = desk.change("recovery_codes", "resume");
    CHECK(handed_back.status == 200);
    CHECK(handed_back.json["state"] == "suspended");
    CHECK(handed_back.json["suspended_by"].is_null());
    CHECK(
        reason_of(desk.change("recovery_codes", "resume")) == "authenticator.suspended_by_holder"
    );
    CHECK(desk.own("recovery_codes", "resume").status == 200);
}

TEST_CASE("a sign-in under way ends with the passphrase that it began with") {
    Desk desk;
    auto& house = desk.house;
    Browser browser;
    const nlohmann::json first{
        {"login_name", desk.erik.name}, {"passphrase", desk.erik.passphrase}
    };
    REQUIRE(house.ask(browser, "POST", "/api/sign-in", first).status == 200);
    REQUIRE(desk.change("passphrase", "suspend").status == 200);
    house.clock.advance(60s);
    const nlohmann::json second{{"code", house.code(desk.erik)}};
    CHECK(house.ask(browser, "POST", "/api/sign-in/code", second).status == 401);
    CHECK(house.events("authn.failure").front().reason == "passphrase.none");
}

TEST_CASE("an administrator may shut the last way in, and is told so") {
    Desk desk;
    const auto app = desk.change("totp", "suspend");
    CHECK(app.json["can_sign_in"] == true);
    CHECK_FALSE(desk.house.page(desk.anna.browser, "/users/erik").contains("id=\"no-way-in\""));
    const auto codes = desk.change("recovery_codes", "suspend");
    REQUIRE_MESSAGE(codes.status == 200, codes.response.body);
    CHECK(codes.json["can_sign_in"] == false);
    CHECK(desk.house.page(desk.anna.browser, "/users/erik").contains("id=\"no-way-in\""));
    desk.house.clock.advance(60s);
    CHECK(desk.sign_in_with(desk.house.code(desk.erik)) == 401);
    // The way back.
    CHECK(desk.change("totp", "resume").json["can_sign_in"] == true);
    desk.house.sign_in(desk.erik);
    CHECK(desk.house.ask(desk.erik.browser, "GET", "/api/session").status == 200);
}

TEST_CASE("a day on which an app stops working is set as a form sends it, and its holder is told") {
    Desk desk;
    const auto end = desk.house.clock.now() + 24h;
    const auto minutes = to_text(end).substr(0, 16);
    const auto set = desk.change("totp", "expiry", {{"expires_at", minutes}});
    REQUIRE_MESSAGE(set.status == 200, set.response.body);
    CHECK(set.json["expires_at"].get<std::string>().starts_with(minutes));
    CHECK(desk.told().front() == "authenticator_expiry_changed: Authenticator app");
    CHECK(desk.house.events("cred.expiry_set").size() == 1);
    const auto page = desk.house.page(desk.anna.browser, "/users/erik");
    CHECK(page.contains("type=\"datetime-local\""));
    CHECK(page.contains("value=\"" + minutes + "\""));

    desk.house.clock.advance(23h);
    CHECK(desk.sign_in_with(desk.house.code(desk.erik)) == 200);
    desk.house.clock.advance(1h + 1min);
    CHECK(desk.sign_in_with(desk.house.code(desk.erik)) == 401);
    desk.house.sign_in(desk.anna);
    CHECK(desk.change("totp", "expiry").json["expires_at"].is_null());
    desk.house.clock.advance(30s);
    CHECK(desk.sign_in_with(desk.house.code(desk.erik)) == 200);

    CHECK(
        reason_of(desk.change("totp", "expiry", {{"expires_at", "2001-01-01T00:00"}})) ==
        "authenticator.expiry_past"
    );
    CHECK(
        reason_of(desk.change("passphrase", "expiry", {{"expires_at", to_text(end + 96h)}})) ==
        "authenticator.never_expires"
    );
}

TEST_CASE("who revokes somebody's authenticator tells them") {
    Desk desk;
    CHECK(
        reason_of(desk.change("recovery_codes", "revoke", {{"cause", "lots"}})) ==
        "authenticator.cause_unknown"
    );
    CHECK(desk.house.events("cred.revoked").empty());
    REQUIRE(desk.change("recovery_codes", "revoke", {{"cause", "lost"}}).status == 200);
    desk.house.sign_in(desk.erik);
    CHECK(desk.told().front() == "authenticator_revoked: Recovery codes");
    CHECK(desk.house.events("cred.revoked").front().leaf_json.contains("\"lost\""));
}

TEST_CASE("only an administrator of the person, with a fresh proof, and never for oneself") {
    Desk desk;
    auto& paula = desk.house.person("paula", "approver");
    auto& clark = desk.house.person("clark", "clinical_administrator");
    const auto his = desk.id_of("erik", "totp");
    const auto hers = desk.id_of("anna", "totp");
    for (const auto* const verb : {"suspend", "resume", "revoke", "expiry"}) {
        CAPTURE(verb);
        const auto path = [&](const std::string& name, const std::string& id) {
            return "/api/users/" + name + "/authenticators/" + id + "/" + verb;
        };
        for (auto* const who : {&paula, &clark, &desk.anna}) {
            desk.house.step_up(*who);
        }
        const auto post = [&](TestPerson& who, const std::string& name, const std::string& id) {
            return desk.house.ask(who.browser, "POST", path(name, id), nothing);
        };
        CHECK(post(paula, "erik", his).status == 403);
        CHECK(reason_of(post(clark, "erik", his)) == "user.other_scope");
        CHECK(reason_of(post(desk.anna, "anna", hers)) == "user.own_account");
        CHECK(reason_of(post(desk.anna, "paula", his)) == "authenticator.unknown");
        desk.house.clock.advance(5min + 1s);
        CHECK(reason_of(post(desk.anna, "erik", his)) == "step_up_required");
    }
    CHECK(desk.house.events("cred.suspended").empty());
    CHECK(desk.house.events("cred.revoked").empty());
}

}  // namespace

}  // namespace sallyport::api::test
