// What the log says of sign-ins: each that succeeds and each that fails, once, however it is tried.

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

nlohmann::json leaf_of(const audit::Entry& entry) {
    return nlohmann::json::parse(entry.leaf_json);
}

Answer first_form(
    ApiTestHouse& house, Browser& browser, const std::string& name, const std::string& passphrase
) {
    return house.ask(
        browser, "POST", "/api/sign-in", {{"login_name", name}, {"passphrase", passphrase}}
    );
}

TEST_CASE(
    "S0-63: N sign-ins over all channels leave exactly N records, each telling who, "
    "with which factors, how well proven, when, from where, through what and as which session"
) {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    house.add_key(erik);
    const auto before = house.events("authn.success").size();
    const auto opened_before = house.events("session.created").size();

    // In a browser, with the app's code.
    house.clock.advance(60s);
    Browser browser;
    REQUIRE(first_form(house, browser, "erik", erik.passphrase).status == 200);
    REQUIRE(
        house.ask(browser, "POST", "/api/sign-in/code", {{"code", house.code(erik)}}).status == 200
    );
    // At the command line.
    house.clock.advance(60s);
    Browser terminal;
    terminal.peer = "198.51.100.4";
    REQUIRE(first_form(house, terminal, "erik", erik.passphrase).status == 200);
    const auto at_terminal = house.ask(
        terminal, "POST", "/api/sign-in/code", {{"code", house.code(erik)}, {"channel", "cli"}}
    );
    REQUIRE(at_terminal.json.contains("token"));
    // With a key as the second factor.
    Browser with_key;
    REQUIRE(first_form(house, with_key, "erik", erik.passphrase).status == 200);
    std::swap(erik.browser, with_key);
    REQUIRE(house.with_key(erik, "/api/sign-in/key").status == 200);
    // What fails, or steps up, is no sign-in.
    Browser wrong;
    REQUIRE(first_form(house, wrong, "erik", "nearly right").status == 200);
    CHECK(house.ask(wrong, "POST", "/api/sign-in/code", {{"code", "000000"}}).status == 401);

    const auto records = house.events("authn.success");
    REQUIRE(records.size() == before + 3);
    CHECK(house.events("session.created").size() == opened_before + 3);
    std::multiset<std::string> factors;
    std::set<std::string> sessions;
    // Newest first.
    for (auto record = records.begin(); record != records.begin() + 3; ++record) {
        const auto leaf = leaf_of(*record);
        CHECK(record->account_name == "erik");
        CHECK(leaf["who"].contains("person"));
        CHECK(leaf["who"].contains("account"));
        CHECK(leaf["factor"]["aal"].get<int>() >= 2);
        CHECK(leaf["factor"]["authenticator"].get<std::string>().contains('+'));
        CHECK(leaf["at"] > 0);
        sessions.insert(leaf["session"].get<std::string>());
        CHECK_FALSE(leaf["where"]["channel"].get<std::string>().empty());
        factors.insert(leaf["factor"]["amr"].get<std::string>() + " " + record->source);
    }
    CHECK(sessions.size() == 3);
    CHECK(factors.count("pwd+otp 192.0.2.7") == 1);
    CHECK(factors.count("pwd+otp 198.51.100.4") == 1);
    CHECK(std::ranges::any_of(factors, [](const auto& each) { return each.contains("pwd+hwk"); }));
}

struct Failure {
    std::string internal;  // the reason in the log
    std::function<Answer(ApiTestHouse&, TestPerson&)> attempt;
};

Answer after_first_form(
    ApiTestHouse& house,
    const std::string& name,
    const std::string& passphrase,
    const std::string& code
) {
    Browser browser;
    const auto first = first_form(house, browser, name, passphrase);
    if (first.status != 200) return first;
    return house.ask(browser, "POST", "/api/sign-in/code", {{"code", code}});
}

std::vector<Failure> failures() {
    return {
        {"identifier.unknown",
         [](ApiTestHouse& house, TestPerson&) {
             return after_first_form(house, "my-passphrase-in-the-wrong-field", "x", "000000");
         }},
        {"passphrase.wrong",
         [](ApiTestHouse& house, TestPerson& erik) {
             return after_first_form(house, "erik", "nearly right", house.code(erik));
         }},
        {"totp.wrong",
         [](ApiTestHouse& house, TestPerson& erik) {
             return after_first_form(house, "erik", erik.passphrase, "000000");
         }},
        {"account.not_active",
         [](ApiTestHouse& house, TestPerson& erik) {
             auto& anna = house.administrator();
             house.step_up(anna);
             const auto shut =
                 house.ask(anna.browser, "POST", "/api/users/erik/disable", {{"reason", "a test"}});
             REQUIRE(shut.status == 200);
             return after_first_form(house, "erik", erik.passphrase, house.code(erik));
         }},
        {"authn.flow_over",
         [](ApiTestHouse& house, TestPerson& erik) {
             Browser browser;
             REQUIRE(first_form(house, browser, "erik", erik.passphrase).status == 200);
             house.clock.advance(10min);
             return house.ask(browser, "POST", "/api/sign-in/code", {{"code", house.code(erik)}});
         }},
    };
}

TEST_CASE(
    "S0-64: each failure leaves one record with its reason, which the caller is not told, and "
    "no name that nobody has"
) {
    for (const auto& failure : failures()) {
        CAPTURE(failure.internal);
        ApiTestHouse house;
        auto& erik = house.person("erik", "engineer");
        house.clock.advance(60s);
        const auto answer = failure.attempt(house, erik);
        CHECK(answer.status >= 400);
        // That the time is over may be told; why a factor was refused may not.
        const bool may_be_told = failure.internal == "authn.flow_over";
        CHECK(answer.response.body.contains(failure.internal) == may_be_told);
        const auto records = house.events("authn.failure");
        REQUIRE(records.size() == 1);
        CHECK(leaf_of(records.front())["reason"] == failure.internal);
        CHECK_FALSE(leaf_of(records.front())["fields"]["stage"].get<std::string>().empty());
        for (const auto& event : house.events("")) {
            CHECK_FALSE(event.leaf_json.contains("wrong-field"));
            CHECK_FALSE(event.personal_json.contains("wrong-field"));
        }
    }
}

TEST_CASE("S0-64: an attempt that is held back leaves one record too") {
    ApiTestHouse house;
    (void)house.person("erik", "engineer");
    house.clock.advance(60s);
    Answer last;
    int tried = 0;
    for (; tried < 10 && last.status != 429; ++tried) {
        Browser browser;
        last = first_form(house, browser, "erik", "nearly right");
    }
    CHECK(last.status == 429);
    CHECK(house.events("authn.throttled").size() == 1);
    CHECK(house.events("authn.failure").size() == static_cast<std::size_t>(tried) - 1);
}

TEST_CASE("S1-11: sign-ins, prompts, failures and overrides are on record, with reason and approver"
) {
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& bert = house.person(anna, "bert", "gateway_administrator");
    auto& sam = house.person("sam", "security_officer");
    auto& erik = house.person("erik", "engineer");
    house.sign_in(bert);
    house.clock.advance(5min + 1s);
    house.sign_in(erik);
    CHECK(after_first_form(house, "erik", "nearly right", "000000").status == 401);
    const nlohmann::json auditor{{"role", "auditor"}};
    const auto held = house.ask(bert.browser, "POST", "/api/users/erik/role", auditor);
    CHECK(held.json["reason"] == "step_up_required");

    house.step_up(bert);
    const auto opened = house.ask(
        bert.browser,
        "POST",
        "/api/recovery",
        {{"login_name", "erik"}, {"checks", {"called_back"}}, {"note", "HD-4711"}}
    );
    REQUIRE_MESSAGE(opened.status == 201, opened.response.body);
    house.step_up(sam);
    const auto id = opened.json["id"].get<std::string>();
    REQUIRE(house.ask(sam.browser, "POST", "/api/recovery/" + id + "/approve").status == 200);

    const auto one_of = [&](const std::string& type) {
        const auto events = house.events(type);
        REQUIRE_MESSAGE(!events.empty(), type);
        const auto leaf = leaf_of(events.front());
        CHECK_FALSE(leaf["reason"].get<std::string>().empty());
        return leaf;
    };
    CHECK(one_of("authn.success")["outcome"] == "success");
    (void)one_of("authn.mfa_prompt");
    CHECK(one_of("stepup.required")["reason"] == "policy.step_up");
    (void)one_of("stepup.success");
    CHECK(one_of("authn.failure")["reason"] == "passphrase.wrong");
    const auto override_leaf = one_of("override.admin");
    CHECK(override_leaf["fields"]["why"].get<std::string>().contains("called_back"));
    CHECK_FALSE(override_leaf["fields"]["approver"].get<std::string>().empty());
    CHECK(override_leaf["fields"]["approver"] != override_leaf["fields"]["agent"]);
}

}  // namespace

}  // namespace sallyport::api::test
