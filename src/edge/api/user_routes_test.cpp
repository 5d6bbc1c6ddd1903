#include "edge/api/user_routes.h"

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "domain/audit/event.h"
#include "domain/directory/account.h"
#include "domain/directory/workstation.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <regex>
#include <string>
#include <string_view>

namespace sallyport::api::test {

namespace {

nlohmann::json listed(ApiTestHouse& house, const std::string& name) {
    const auto users = house.ask(house.administrator().browser, "GET", "/api/users").json["users"];
    for (const auto& user : users) {
        if (user.value("login_name", "") == name) return user;
    }
    return nullptr;
}

TEST_CASE("S1-68: a login that many would share can't be made, and a workstation alone has no right"
) {
    ApiTestHouse house;
    auto& clark = house.person("clark", "clinical_administrator");
    for (const auto* name : {"ward3", "nurses", "icu-desk", "kiosk01", "night.nurse", "patient"}) {
        CAPTURE(name);
        house.step_up(clark);
        const auto refused = house.ask(
            clark.browser,
            "POST",
            "/api/users",
            {{"login_name", name},
             {"display_name", "Ward 3"},
             {"role", "clinician"},
             {"proofing_method", "in_person"},
             {"proofing_evidence", "identity card"}}
        );
        CHECK(refused.status == 422);
        CHECK(refused.json["reason"] == "account.shared_name");
        CHECK(listed(house, name).is_null());
    }
    // What starts by itself at a workstation holds the workstation's cookie and nobody's session.
    const auto made = house.database().write([&](store::Tx& tx) {
        const auto clarks =
            directory::find_account(tx, directory::LoginName::parse("clark").value());
        const audit::Actor by{
            .who =
                {.person = clarks->person,
                 .account = clarks->id,
                 .account_name = "clark",
                 .role = clarks->role,
                 .system = {}},
            .where = {.source = "test", .channel = "web", .workstation = "none", .zone = "none"},
            .factor =
                audit::Factor{
                    .amr = "pwd+otp", .aal = 2, .authenticator_id = "test", .age = std::nullopt
                },
            .session = std::nullopt,
        };
        return directory::register_workstation(tx, house.moment(), "ward-3-a", "ward-3", by);
    });
    REQUIRE(made.has_value());
    Browser kiosk;
    kiosk.cookies["__Host-sallyport-workstation"] = to_base64url(made->token.expose());
    for (const auto& route : house.router().routes()) {
        if (route.access != Access::session) continue;
        // Whatever stands for a name or an id: nobody is asked whether it exists.
        const auto path =
            std::regex_replace(std::string(route.path), std::regex("[{][^}]*[}]"), "x");
        CAPTURE(path);
        CAPTURE(route.method);
        const auto body = route.method == "GET" ? nlohmann::json() : nlohmann::json::object();
        CHECK(house.ask(kiosk, std::string(route.method), path, body).status == 401);
    }
}

TEST_CASE("S1-04: who is hired again gets a new account of the same person, beside the tombstone") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& erik = house.person("erik", "engineer");
    const auto first = listed(house, "erik");
    const auto create = [&](const std::string& name, const std::string& person) {
        house.step_up(anna);
        return house.ask(
            anna.browser,
            "POST",
            "/api/users",
            {{"login_name", name},
             {"display_name", "Erik"},
             {"role", "engineer"},
             {"person", person}}
        );
    };
    house.step_up(anna);
    const auto deleted =
        house.ask(anna.browser, "POST", "/api/users/erik/delete", {{"reason", "left for good"}});
    REQUIRE_MESSAGE(deleted.status == 200, deleted.response.body);

    // Not under the name that somebody had before, be it the same somebody.
    const auto same_name = create("erik", first.value("person", ""));
    CHECK(same_name.status == 409);
    CHECK(same_name.json.value("reason", "") == "account.login_name_taken");
    const auto again = create("erik.2", first.value("person", ""));
    REQUIRE_MESSAGE(again.status == 201, again.response.body);
    CHECK(again.json.value("person", "") == first.value("person", ""));
    CHECK(again.json.value("id", "") != first.value("id", ""));
    CHECK(AccountId::parse(again.json.value("id", "")).has_value());
    CHECK(again.json.value("state", "") == "pending");

    const auto tombstone = listed(house, "erik");
    CHECK(tombstone.value("id", "") == first.value("id", ""));
    CHECK(tombstone.value("person", "") == first.value("person", ""));
    CHECK(tombstone.value("state", "") == "tombstoned");
    // Nothing of what the tombstone had opens anything.
    Browser browser;
    const auto old_passphrase = house.ask(
        browser, "POST", "/api/sign-in", {{"login_name", "erik"}, {"passphrase", erik.passphrase}}
    );
    REQUIRE(old_passphrase.status == 200);  // as for everybody
    const auto old_code =
        house.ask(browser, "POST", "/api/sign-in/code", {{"code", house.code(erik)}});
    CHECK(old_code.status == 401);

    erik.name = "erik.2";
    house.enrol_again(erik, again.json["ticket"]["code"].get<std::string>());
    CHECK(house.ask(erik.browser, "GET", "/api/session").json.value("login_name", "") == "erik.2");

    // A person that nobody is.
    const auto nobody = create("nils", PersonId::from_bytes(IdBytes{std::byte{9}}).text());
    CHECK(nobody.status >= 400);
    CHECK(nobody.json.value("reason", "") == "person.unknown");
}

TEST_CASE("an account is disabled for a cause that there is, admin where none is told") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    house.person("erik", "engineer");
    const auto change = [&](const std::string& verb, const nlohmann::json& body) {
        house.step_up(anna);
        return house.ask(anna.browser, "POST", "/api/users/erik/" + verb, body);
    };
    CHECK(change("disable", {{"cause", "terminated"}}).json["reason"] == "user.cause_unknown");
    CHECK(house.events("user.disabled").empty());
    REQUIRE(change("disable", {{"reason", "on leave"}}).status == 200);
    CHECK(house.events("user.disabled").front().leaf_json.contains("\"admin\""));
    REQUIRE(change("enable", {{"reason", "back"}}).status == 200);
    REQUIRE(change("disable", {{"cause", "vendor_end"}}).status == 200);
    CHECK(house.events("user.disabled").front().leaf_json.contains("\"vendor_end\""));
}

}  // namespace

}  // namespace sallyport::api::test
