#include "edge/api/own_security_routes.h"

#include "tests/support/people.h"

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

const auto nothing = nlohmann::json::object();

// The first authenticator of that kind in an answer's list.
std::string id_of(const nlohmann::json& listed, const std::string& kind) {
    for (const auto& each : listed["authenticators"]) {
        if (each["kind"] == kind) return each["id"].get<std::string>();
    }
    FAIL("no " << kind);
    return {};
}

std::string own(ApiTestHouse& house, TestPerson& person, const std::string& kind) {
    return id_of(house.ask(person.browser, "GET", "/api/self/authenticators").json, kind);
}

std::string path_of(const std::string& id, const std::string& action) {
    return "/api/self/authenticators/" + id + "/" + action;
}

TEST_CASE("what makes a way in asks again who one is; what shuts one does not") {
    ApiTestHouse house;
    house.administrator();
    auto& erik = house.person("erik", "engineer");
    const auto codes = own(house, erik, "recovery_codes");
    house.clock.advance(5min + 1s);
    const auto reason = [&](const std::string& path, const nlohmann::json& body) {
        return house.ask(erik.browser, "POST", path, body).json.value("reason", "");
    };
    CHECK(reason("/api/self/authenticators/totp", {{"label", "Tablet"}}) == "step_up_required");
    CHECK(reason("/api/self/recovery-codes", nothing) == "step_up_required");
    CHECK(reason(path_of(codes, "revoke"), nothing) == "step_up_required");
    CHECK(reason(path_of(codes, "resume"), nothing) == "step_up_required");
    CHECK(house.ask(erik.browser, "POST", path_of(codes, "suspend"), nothing).status == 200);
    CHECK(
        house.ask(erik.browser, "POST", path_of(codes, "rename"), {{"label", "Old"}}).status == 200
    );
}

TEST_CASE("a second app is added, named, suspended, taken up again and given up over the API") {
    ApiTestHouse house;
    house.administrator();
    auto& erik = house.person("erik", "engineer");
    house.step_up(erik);
    const auto made =
        house.ask(erik.browser, "POST", "/api/self/authenticators/totp", {{"label", "Tablet"}});
    REQUIRE_MESSAGE(made.status == 201, made.response.body);
    const auto id = made.json["id"].get<std::string>();
    const auto seed =
        sallyport::test::seed_typed_in(made.json["totp"]["secret"].get<std::string>());
    const auto code = [&] { return authn::totp_code(seed, authn::totp_step(house.clock.now())); };
    CHECK(
        house.ask(erik.browser, "POST", path_of(id, "confirm"), {{"code", "000000"}}).status == 401
    );
    CHECK(
        house.ask(erik.browser, "POST", path_of(id, "confirm"), {{"code", code()}}).status == 200
    );

    const auto state_after = [&](const std::string& action) {
        const auto answer = house.ask(erik.browser, "POST", path_of(id, action), nothing);
        return answer.json.value("state", "refused: " + answer.json.value("reason", ""));
    };
    CHECK(state_after("suspend") == "suspended");
    CHECK(state_after("resume") == "active");
    CHECK(state_after("revoke") == "revoked");
    CHECK(state_after("resume") == "refused: authenticator.not_suspended");
    const auto last = own(house, erik, "totp") == id ? std::string() : own(house, erik, "totp");
    const auto refused = house.ask(erik.browser, "POST", path_of(last, "revoke"), nothing);
    CHECK(refused.status == 409);
    CHECK(refused.json.value("reason", "") == "authenticator.last");
}

TEST_CASE("somebody else's authenticators can't be touched or seen by a person") {
    ApiTestHouse house;
    house.administrator();
    auto& erik = house.person("erik", "engineer");
    auto& paula = house.person("paula", "approver");
    const auto hers = own(house, paula, "totp");
    house.step_up(erik);
    for (const auto* const action : {"suspend", "resume", "revoke", "rename", "confirm"}) {
        const nlohmann::json body{{"label", "Mine"}, {"code", "000000"}};
        CHECK(house.ask(erik.browser, "POST", path_of(hers, action), body).status == 404);
    }
    CHECK(house.ask(erik.browser, "GET", "/api/users/paula/authenticators").status == 403);
}

TEST_CASE("the security page says what one has and what happened, and shows no secret") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& erik = house.person("erik", "engineer");
    house.step_up(erik);
    const nlohmann::json why{{"reason", "the paper is lost"}};
    REQUIRE(house.ask(erik.browser, "POST", "/api/self/extra-codes", why).status == 201);
    house.step_up(anna);
    const auto agreed = house.ask(anna.browser, "POST", "/api/extra-codes/erik/approve");
    REQUIRE_MESSAGE(agreed.status == 200, agreed.response.body);
    const auto renewed = house.ask(erik.browser, "POST", "/api/self/recovery-codes", nothing);
    REQUIRE(renewed.status == 201);
    const auto fresh = renewed.json["recovery_codes"][0].get<std::string>();
    const auto shown = house.page(erik.browser, "/security");
    CHECK(shown.contains("Authenticator app"));
    CHECK(shown.contains("10 left"));
    CHECK(shown.contains("made anew"));
    CHECK_FALSE(shown.contains(fresh));
    CHECK(house.page(erik.browser, "/").contains("href=\"/security\">read it"));

    const nlohmann::json up_to{{"up_to", to_text(house.clock.now())}};
    CHECK(house.ask(erik.browser, "POST", "/api/self/notices/read", up_to).status == 200);
    CHECK(house.ask(erik.browser, "GET", "/api/self/notices").json["notices"].empty());
    CHECK_FALSE(house.page(erik.browser, "/security").contains("made anew"));
}

TEST_CASE("S1-28: an administrator sees type, serial, who bound it, when, expiry, last use, state"
) {
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& erik = house.person("erik", "engineer");
    house.sign_in(erik);
    const auto seen = house.ask(anna.browser, "GET", "/api/users/erik/authenticators").json;
    CHECK(seen["identity"]["method"] == "in_person");
    CHECK(seen["identity"]["evidence"] == "identity card");
    CHECK(seen["identity"]["verifier"] == "anna");
    for (const auto& each : seen["authenticators"]) {
        for (const auto* const member :
             {"kind", "serial", "bound_by", "bound_at", "expires_at", "last_used_at", "state"}) {
            CHECK_MESSAGE(each.contains(member), member);
        }
        if (each["kind"] == "recovery_codes") continue;
        CHECK_FALSE(each["bound_by"].is_null());
        CHECK_FALSE(each["last_used_at"].is_null());
        CHECK(each["state"] == "active");
    }
    CHECK(house.page(anna.browser, "/users/erik").contains("identity card"));
}

TEST_CASE("an administrator who revokes somebody's app ends their sessions, and they are told") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& erik = house.person("erik", "engineer");
    house.sign_in(erik);
    house.step_up(anna);
    const auto listed = house.ask(anna.browser, "GET", "/api/users/erik/authenticators").json;
    const auto path = "/api/users/erik/authenticators/";
    const auto app = id_of(listed, "totp");
    const auto of_paula = own(house, house.person("paula", "approver"), "totp");
    CHECK(house.ask(anna.browser, "POST", path + of_paula + "/revoke", nothing).status == 404);
    CHECK(
        house.ask(anna.browser, "POST", path + app + "/revoke", {{"cause", "lost"}}).status == 200
    );
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 401);
    const auto event = house.events("cred.revoked").front();
    CHECK(event.leaf_json.contains("\"lost\""));
}

TEST_CASE("S1-26: an account made without a check of identity gets no ticket until there is one") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    house.step_up(anna);
    const auto made = house.ask(
        anna.browser,
        "POST",
        "/api/users",
        {{"login_name", "nils"}, {"display_name", "Nils"}, {"role", "engineer"}}
    );
    REQUIRE(made.status == 201);
    CHECK(made.json["ticket"].is_null());
    CHECK(made.json["next"] == "proofing");
    const auto refused = house.ask(anna.browser, "POST", "/api/users/nils/ticket", nothing);
    CHECK(refused.status == 409);
    CHECK(refused.json.value("reason", "") == "identity.not_proofed");

    const nlohmann::json check{
        {"proofing_method", "remote_supervised"},
        {"proofing_evidence", "passport"},
        {"proofing_verifier", "Personnel office"},
        {"proofed_on", to_text(house.clock.now() - 24h)},
    };
    const auto recorded = house.ask(anna.browser, "POST", "/api/users/nils/proofing", check);
    CHECK(recorded.status == 201);
    CHECK(recorded.json["identity"]["verifier"] == "Personnel office");
    CHECK(house.ask(anna.browser, "POST", "/api/users/nils/ticket", nothing).status == 201);

    auto unknown = check;
    unknown["proofing_method"] = "by_telephone";
    const auto wrong = house.ask(anna.browser, "POST", "/api/users/nils/proofing", unknown);
    CHECK(wrong.status == 422);
    CHECK(wrong.json.value("reason", "") == "identity.method_unknown");
}

}  // namespace

}  // namespace sallyport::api::test
