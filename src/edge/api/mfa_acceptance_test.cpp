// What the requirements ask of signing in with several factors, as somebody at the door meets it,
// under the shipped policy.

#include "tests/support/policies.h"

#include "domain/authn/breach_check.h"
#include "domain/authn/breach_samples.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

// The first form; what comes next, or why not.
std::string first_form(ApiTestHouse& house, const TestPerson& person, Browser& browser) {
    const auto answer = house.ask(
        browser,
        "POST",
        "/api/sign-in",
        {{"login_name", person.name}, {"passphrase", person.passphrase}}
    );
    if (answer.status >= 300) return answer.json.value("reason", "");
    return answer.json.value("next", "session");
}

bool is_signed_in(ApiTestHouse& house, Browser& browser) {
    return house.ask(browser, "GET", "/api/session").status == 200;
}

nlohmann::json new_person(const std::string& name, const std::string& role) {
    return {
        {"login_name", name},
        {"display_name", name},
        {"role", role},
        {"proofing_method", "in_person"},
        {"proofing_evidence", "identity card"},
    };
}

TEST_CASE("S0-30: a clinician's known browser is asked for both factors at every sign-in") {
    ApiTestHouse house(policy::default_policy());
    auto& clark = house.person("clark", "clinical_administrator");
    auto& nora = house.person(clark, "nora", "clinician");
    for (const bool by_expiry : {false, true, true}) {
        CAPTURE(by_expiry);
        house.sign_in(nora);
        REQUIRE(is_signed_in(house, nora.browser));
        if (by_expiry) {
            house.clock.advance(61min);
        } else {
            REQUIRE(house.ask(nora.browser, "POST", "/api/session/end").status < 300);
        }
        // The browser keeps its cookies, whatever they are.
        CHECK_FALSE(is_signed_in(house, nora.browser));
        CHECK(first_form(house, nora, nora.browser) == "code");
        CHECK_FALSE(is_signed_in(house, nora.browser));
        const auto wrong =
            house.ask(nora.browser, "POST", "/api/sign-in/code", {{"code", "000000"}});
        CHECK(wrong.status == 401);
        CHECK_FALSE(is_signed_in(house, nora.browser));
        house.clock.advance(60s);
    }
    for (const auto& success : house.events("authn.success")) {
        if (success.account_name == "nora") CHECK(success.amr == "pwd+otp");
    }
}

TEST_CASE("S1-10: what is known, shown twice, is one factor; and amr says which two were shown") {
    ApiTestHouse house(policy::default_policy());
    auto& clark = house.person("clark", "clinical_administrator");
    auto& nora = house.person(clark, "nora", "clinician");
    Browser browser;
    REQUIRE(first_form(house, nora, browser) == "code");
    const auto again = house.ask(browser, "POST", "/api/sign-in/code", {{"code", nora.passphrase}});
    CHECK(again.status == 401);
    CHECK_FALSE(is_signed_in(house, browser));

    house.clock.advance(60s);
    house.sign_in(nora);
    CHECK(house.ask(nora.browser, "GET", "/api/session").json["factor"] == "pwd+otp");
    CHECK(house.events("authn.success").front().amr == "pwd+otp");
    house.add_key(nora);
    house.sign_in(nora);
    CHECK(house.events("authn.success").front().amr == "pwd+hwk+uv");
}

TEST_CASE("S0-13: a fresh install has nobody; its first person brings a key before anything else") {
    ApiTestHouse house(policy::default_policy());
    const auto accounts = [&] {
        return house.database().read([](store::Tx& tx) {
            return tx.query("SELECT COUNT(*) FROM account").front().integer(0);
        });
    };
    CHECK(accounts() == 0);
    const nlohmann::json anna{{"login_name", "anna"}, {"display_name", "Anna"}};
    const auto begin = [&](Browser& browser, const std::string& code) {
        auto form = anna;
        form["code"] = code;
        return house.ask(browser, "POST", "/api/setup", form).status;
    };
    // 60 minutes, and not one second more.
    const auto old = house.bootstrap_code();
    house.clock.advance(60min);
    Browser late;
    CHECK(begin(late, old) >= 400);

    const auto code = house.bootstrap_code();
    Browser browser;
    REQUIRE(begin(browser, code) == 200);
    // Once.
    Browser second;
    CHECK(begin(second, code) >= 400);

    const nlohmann::json chosen{{"passphrase", "a kettle sings in the attic"}};
    const auto next = house.ask(browser, "POST", "/api/enrolment/passphrase", chosen);
    CHECK(next.json["next"] == "key");
    // Nothing else can be done before: no app, no account, no page.
    CHECK(house.ask(browser, "POST", "/api/enrolment/totp", {{"code", "123456"}}).status == 409);
    CHECK(house.ask(browser, "POST", "/api/users", new_person("erik", "engineer")).status == 401);
    CHECK_FALSE(is_signed_in(house, browser));
    CHECK(accounts() == 0);

    sallyport::test::SoftwareKey key("https://sallyport.example.org");
    const auto options = house.ask(browser, "POST", "/api/enrolment/key/options");
    const auto done = house.ask(browser, "POST", "/api/enrolment/key", key.create(options.json));
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
    CHECK(accounts() == 1);
    CHECK(is_signed_in(house, browser));
}

TEST_CASE("S0-50: what must be proven follows from the risk class; less needs an approved exception"
) {
    using policy::required_strength;
    using policy::Risk;
    using policy::Strength;
    CHECK(required_strength(Risk::low) == Strength::one_factor);
    CHECK(required_strength(Risk::medium) == Strength::two_factors);
    CHECK(required_strength(Risk::high) == Strength::phishing_resistant);
    CHECK(required_strength(Risk::critical) == Strength::device_bound);

    ApiTestHouse house(policy::default_policy());
    auto& sam = house.person("sam", "security_officer");
    auto& paula = house.person("paula", "approver");
    house.sign_in(sam);
    const auto engineer_in = [](nlohmann::json& document) -> nlohmann::json& {
        return *std::ranges::find_if(document["roles"], [](const nlohmann::json& role) {
            return role["name"] == "engineer";
        });
    };
    const auto in_force = [&] { return house.ask(sam.browser, "GET", "/api/policy").json; };
    const auto propose = [&](const nlohmann::json& wanted) {
        house.sign_in(sam);
        return house.ask(
            sam.browser,
            "POST",
            "/api/policy/proposals",
            {{"policy", wanted}, {"rationale", "keys come late"}}
        );
    };
    auto said = in_force();
    engineer_in(said)["strength"] = "one_factor";
    CHECK(propose(said).status == 422);
    auto lower_class = in_force();
    engineer_in(lower_class)["risk"] = "medium";
    CHECK(propose(lower_class).json["reason"] == "policy.role_risk");

    auto excepted = in_force();
    engineer_in(excepted)["exception"] = {
        {"strength", "two_factors"},
        {"risk_item", "R-17"},
        {"reason", "Keys are delivered in spring; until then codes."},
        {"accepted_by", "Lena Falk, medical director"},
        {"until", to_text(house.moment().now + 24h * 90)},
    };
    const auto proposed = propose(excepted);
    REQUIRE_MESSAGE(proposed.status == 201, proposed.response.body);
    // A proposal changes nothing, and its author can't approve it.
    const auto is_excepted = [&] {
        auto now = in_force();
        return engineer_in(now).contains("exception");
    };
    CHECK_FALSE(is_excepted());
    const auto approve =
        "/api/policy/proposals/" + std::to_string(proposed.json["version"].get<int>()) + "/approve";
    CHECK(house.ask(sam.browser, "POST", approve).status == 403);
    CHECK_FALSE(is_excepted());
    house.sign_in(paula);
    REQUIRE(house.ask(paula.browser, "POST", approve).status == 200);
    CHECK(is_excepted());
}

TEST_CASE("S0-85, S1-69: only an event makes somebody change their passphrase, never the calendar"
) {
    ApiTestHouse house(policy::default_policy());
    auto& clark = house.person("clark", "clinical_administrator");
    auto& nora = house.person(clark, "nora", "clinician");
    house.clock.advance(24h * 365 * 10);
    house.sign_in(nora);
    REQUIRE(is_signed_in(house, nora.browser));

    house.sign_in(clark);
    const auto session = nora.browser;
    REQUIRE(house.ask(clark.browser, "POST", "/api/users/nora/compromised").status == 200);
    auto before = session;
    CHECK_FALSE(is_signed_in(house, before));
    // The next sign-in is right, and gives nothing but the way to another passphrase.
    house.clock.advance(60s);
    Browser browser;
    CHECK(first_form(house, nora, browser) == "code");
    const auto next = house.ask(browser, "POST", "/api/sign-in/code", {{"code", house.code(nora)}});
    CHECK(next.json.value("next", "") == "passphrase");
    CHECK_FALSE(is_signed_in(house, browser));
    // Any kind of character will do, if there are enough of them.
    const auto change = [&](const std::string& passphrase) {
        return house.ask(browser, "POST", "/api/passphrase", {{"passphrase", passphrase}}).status;
    };
    CHECK(change("owl&4Z") == 422);
    CHECK(change("owls count slowly") < 300);
    nora.passphrase = "owls count slowly";
    house.sign_in(nora);
    CHECK(is_signed_in(house, nora.browser));
}

TEST_CASE("S0-85: a passphrase that turned up in a breach ends the sessions, and is changed first"
) {
    ApiTestHouse house(policy::default_policy());
    auto& clark = house.person("clark", "clinical_administrator");
    auto& nora = house.person(clark, "nora", "clinician");
    house.sign_in(nora);
    auto session = nora.browser;
    authn::BreachCheck breaches;
    breaches.use(sallyport::test::list_of({nora.passphrase}));
    house.authn().breaches = &breaches;
    house.clock.advance(60s);
    Browser browser;
    CHECK(first_form(house, nora, browser) == "code");
    const auto next = house.ask(browser, "POST", "/api/sign-in/code", {{"code", house.code(nora)}});
    CHECK(next.json.value("next", "") == "passphrase");
    CHECK_FALSE(is_signed_in(house, browser));
    CHECK_FALSE(is_signed_in(house, session));
    house.authn().breaches = nullptr;
}

TEST_CASE("S1-24: from outside, for administration and for devices, a code is refused by name") {
    ApiTestHouse house(
        policy::with_codes_accepted(policy::default_policy(), ApiTestHouse::start() + 1h)
    );
    const nlohmann::json ward{{{"name", "ward-3"}, {"kind", "ward"}, {"networks", {"10.3.0.0/16"}}}
    };
    auto& sam = house.person("sam", "security_officer");
    auto& paula = house.person("paula", "approver");
    auto& erik = house.person("erik", "engineer");
    auto& anna = house.administrator();
    auto& clark = house.person("clark", "clinical_administrator");
    auto& nora = house.person(clark, "nora", "clinician");
    auto wanted = house.ask(sam.browser, "GET", "/api/policy").json;
    wanted["zones"] = ward;
    const auto proposed = house.ask(
        sam.browser,
        "POST",
        "/api/policy/proposals",
        {{"policy", wanted}, {"rationale", "the ward has its own network"}}
    );
    REQUIRE_MESSAGE(proposed.status == 201, proposed.response.body);
    const auto approve =
        "/api/policy/proposals/" + std::to_string(proposed.json["version"].get<int>()) + "/approve";
    house.step_up(paula);
    REQUIRE(house.ask(paula.browser, "POST", approve).status == 200);
    house.clock.advance(1h);  // until then codes were accepted

    const auto with_code = [&](TestPerson& person, const std::string& peer) {
        Browser browser;
        browser.peer = peer;
        REQUIRE(first_form(house, person, browser) == "code");
        return house.ask(browser, "POST", "/api/sign-in/code", {{"code", house.code(person)}});
    };
    CHECK(with_code(nora, "10.3.0.5").status == 200);
    // Remote; administrative; and who reaches devices, wherever they sit.
    for (auto& [person, peer] :
         {std::pair{&nora, "192.0.2.7"}, {&anna, "10.3.0.5"}, {&erik, "10.3.0.5"}}) {
        CAPTURE(person->name);
        house.clock.advance(60s);
        const auto refused = with_code(*person, peer);
        CHECK(refused.status == 403);
        CHECK(refused.response.body.find("security key") != std::string::npos);
    }
}

TEST_CASE("S1-23: a finger stays in the authenticator, and there is a way in without one") {
    ApiTestHouse house(policy::default_policy());
    auto& clark = house.person("clark", "clinical_administrator");
    auto& nora = house.person(clark, "nora", "clinician");
    house.add_key(nora);
    // Nothing is asked for but that the authenticator checked who holds it.
    Browser browser;
    const auto asked = house.ask(browser, "GET", "/api/sign-in/passkey").json;
    CHECK(asked["userVerification"] == "required");
    CHECK_FALSE(asked.contains("extensions"));
    // What is kept of a key: no column has a place for more.
    const auto columns = house.database().read([](store::Tx& tx) {
        std::vector<std::string> names;
        for (const auto& row :
             tx.query("SELECT name FROM pragma_table_info('webauthn_credential')")) {
            names.push_back(row.text(0));
        }
        return names;
    });
    CHECK_FALSE(columns.empty());
    for (const auto& name : columns) {
        CAPTURE(name);
        CHECK(name.find("biometric") == std::string::npos);
        CHECK(name.find("fingerprint") == std::string::npos);
        CHECK(name.find("extension") == std::string::npos);
    }
    // With a touch alone it is something had, beside what is known.
    nora.browser = {};
    REQUIRE(first_form(house, nora, nora.browser) == "code");
    nora.key->plan().flags = sallyport::test::flag_up;
    CHECK(house.with_key(nora, "/api/sign-in/key").status == 200);
    CHECK(house.ask(nora.browser, "GET", "/api/session").json["factor"] == "pwd+hwk");
    // And neither finger nor key: the app.
    nora.key.reset();
    house.clock.advance(60s);
    house.sign_in(nora);
    CHECK(house.ask(nora.browser, "GET", "/api/session").json["factor"] == "pwd+otp");
}

}  // namespace

}  // namespace sallyport::api::test
