#include "edge/api/second_factor_routes.h"

#include "tests/support/people.h"

#include "domain/authn/second_factor_due.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <variant>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

std::string reason_of(const Answer& answer) {
    return answer.status < 300 ? "ok" : answer.json.value("reason", "");
}

// The switch: one setting, proposed by one person and approved by another.
void ask_all_for_two(ApiTestHouse& house, Time from) {
    const auto proposed = house.put_in_force([&](nlohmann::json& policy) {
        policy["two_factors_for_all_from"] = to_text(from);
    });
    CHECK(proposed.json.dump().contains("two_factors_for_all_from"));
}

struct Portal {
    ApiTestHouse house;
    TestPerson& clark = house.person("clark", "clinical_administrator");
    TestPerson& petra = house.person(clark, "petra", "patient");
    Time from = house.clock.now() + 24h * 40;

    Portal() {
        house.step_up(clark);
        const auto set = house.ask(
            clark.browser, "POST", "/api/users/petra/mail", {{"mail_address", "petra@example.org"}}
        );
        REQUIRE(set.status == 200);
        (void)house.mails();
        ask_all_for_two(house, from);
    }

    Answer first_form(Browser& browser) {
        return house.ask(
            browser,
            "POST",
            "/api/sign-in",
            {{"login_name", petra.name}, {"passphrase", petra.passphrase}}
        );
    }

    std::size_t warned() {
        const auto moment = house.moment();
        auto policy = policy::default_policy();
        policy.two_factors_for_all_from = from;
        return house.database().write([&](store::Tx& tx) {
            return authn::warn_of_second_factor(tx, moment, policy);
        });
    }

    std::size_t mails_to_petra() {
        const auto mails = house.mails();
        return static_cast<std::size_t>(std::ranges::count_if(mails, [](const auto& mail) {
            const auto* const notice = std::get_if<authn::PersonNotice>(&mail.content);
            return notice != nullptr && notice->kind == authn::NoticeKind::second_factor_due &&
                   mail.to.text() == "petra@example.org";
        }));
    }
};

TEST_CASE("S0-53: before the date patients sign in as ever, and are told on their page and by mail"
) {
    Portal portal;
    auto& house = portal.house;
    Browser browser;
    CHECK(portal.first_form(browser).json.value("role", "") == "patient");
    CHECK(house.page(browser, "/").contains("takes two factors for everybody"));
    CHECK(portal.warned() == 0);

    for (const auto days : {30, 7, 1}) {
        house.clock.advance(portal.from - std::chrono::days(days) - house.clock.now());
        CHECK(portal.warned() == 1);
        CHECK(portal.mails_to_petra() == 1);
        CHECK(portal.warned() == 0);
    }
    CHECK(house.events("privacy.notice_sent").size() == 3);
    Browser last;
    CHECK(portal.first_form(last).json.value("role", "") == "patient");
}

TEST_CASE("S0-53: from the date on a patient with but a passphrase binds a second factor at sign-in"
) {
    Portal portal;
    auto& house = portal.house;
    house.clock.advance(portal.from - house.clock.now());
    Browser browser;
    const auto first = portal.first_form(browser);
    REQUIRE_MESSAGE(first.status == 200, first.response.body);
    CHECK(first.json.value("next", "") == "second_factor");
    CHECK(house.ask(browser, "GET", "/api/session").status == 401);
    CHECK(house.page(browser, "/second-factor").contains("Set up my app"));

    const auto made = house.ask(browser, "POST", "/api/second-factor");
    REQUIRE_MESSAGE(made.status == 200, made.response.body);
    const auto id = made.json["id"].get<std::string>();
    const auto wrong =
        house.ask(browser, "POST", "/api/second-factor/confirm", {{"id", id}, {"code", "000000"}});
    CHECK(reason_of(wrong) == "totp.wrong");
    CHECK(house.ask(browser, "GET", "/api/session").status == 401);

    const auto seed =
        sallyport::test::seed_typed_in(made.json["totp"]["secret"].get<std::string>());
    portal.petra.seed.assign(seed.expose().begin(), seed.expose().end());
    portal.petra.step = 0;
    const auto right = house.ask(
        browser,
        "POST",
        "/api/second-factor/confirm",
        {{"id", id}, {"code", house.code(portal.petra)}}
    );
    REQUIRE_MESSAGE(right.status == 200, right.response.body);
    CHECK(right.json["recovery_codes"].size() == 10);
    CHECK(house.ask(browser, "GET", "/api/session").status == 200);
    CHECK(house.events("cred.bound").front().account_name == "petra");

    // From then on both, and nothing is bound any more by the passphrase alone.
    house.clock.advance(60s);
    Browser again;
    CHECK(portal.first_form(again).json.value("next", "") == "code");
    CHECK(house.ask(browser, "POST", "/api/second-factor").status >= 400);
}

TEST_CASE(
    "S0-53 (part): the second factor may be a key, which signs in beside the passphrase after it"
) {
    Portal portal;
    auto& house = portal.house;
    house.clock.advance(portal.from - house.clock.now());
    Browser browser;
    REQUIRE(portal.first_form(browser).json.value("next", "") == "second_factor");
    CHECK(house.page(browser, "/second-factor").contains("Use a security key or passkey"));

    sallyport::test::SoftwareKey key("https://sallyport.example.org");
    const auto options = house.ask(browser, "POST", "/api/second-factor/key/options");
    REQUIRE_MESSAGE(options.status == 200, options.response.body);
    const auto made = key.create(options.json);
    // In another way to the second factor it is an answer to nothing.
    Browser other;
    REQUIRE(portal.first_form(other).json.value("next", "") == "second_factor");
    CHECK(
        reason_of(house.ask(other, "POST", "/api/second-factor/key", made)) ==
        "security_key.too_late"
    );
    CHECK(house.ask(other, "GET", "/api/session").status == 401);

    const auto bound = house.ask(browser, "POST", "/api/second-factor/key", made);
    REQUIRE_MESSAGE(bound.status == 200, bound.response.body);
    CHECK(bound.json["recovery_codes"].size() == 10);
    const auto session = house.ask(browser, "GET", "/api/session").json;
    CHECK(session["amr"][0] == "pwd");
    CHECK(session["amr"][1] == "hwk");
    CHECK(house.events("cred.bound").front().account_name == "petra");
    // The way is over, for the other browser too.
    CHECK(house.ask(other, "POST", "/api/second-factor/key/options").status == 410);
    CHECK(house.ask(other, "POST", "/api/second-factor").status == 410);

    Browser again;
    CHECK(portal.first_form(again).json.value("next", "") == "code");
    const auto asked = house.ask(again, "GET", "/api/sign-in/key");
    REQUIRE(asked.status == 200);
    CHECK(house.ask(again, "POST", "/api/sign-in/key", key.get(asked.json)).status == 200);
    CHECK(house.ask(again, "GET", "/api/session").status == 200);
}

TEST_CASE("S0-53: nobody gets past the second factor, and the way to it ends") {
    Portal portal;
    auto& house = portal.house;
    house.clock.advance(portal.from - house.clock.now());
    Browser browser;
    CHECK(portal.first_form(browser).json.value("next", "") == "second_factor");
    house.clock.advance(authn::second_factor_max);
    CHECK(reason_of(house.ask(browser, "POST", "/api/second-factor")) == "enrolment.over");
    Browser stranger;
    CHECK(house.ask(stranger, "POST", "/api/second-factor").status == 410);
}

TEST_CASE("S0-53 (part): the way to the second factor ends with the passphrase that led to it") {
    Portal portal;
    auto& house = portal.house;
    house.clock.advance(portal.from - house.clock.now());
    Browser browser;
    CHECK(portal.first_form(browser).json.value("next", "") == "second_factor");
    auto& clark = portal.clark;
    house.sign_in(clark);
    house.step_up(clark);
    const std::string hers = "/api/users/petra/authenticators";
    int suspended = 0;
    for (const auto& each : house.ask(clark.browser, "GET", hers).json["authenticators"]) {
        if (each["kind"] != "passphrase") continue;
        const auto path = hers + "/" + each["id"].get<std::string>() + "/suspend";
        suspended += house.ask(clark.browser, "POST", path).status == 200 ? 1 : 0;
    }
    REQUIRE(suspended == 1);
    CHECK(reason_of(house.ask(browser, "POST", "/api/second-factor")) == "enrolment.over");
    const auto key = house.ask(browser, "POST", "/api/second-factor/key/options");
    CHECK(reason_of(key) == "enrolment.over");
}

}  // namespace

}  // namespace sallyport::api::test
