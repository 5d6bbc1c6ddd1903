#include "edge/api/phone_routes.h"

#include "tests/support/phone.h"

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;
using authn::PushDecision;

constexpr auto origin = "https://sallyport.example.org";

// Erik, whose phone is a browser beside the one at the desk.
struct Desk {
    ApiTestHouse house;
    TestPerson& erik = house.person("erik", "engineer");
    sallyport::test::Phone key{origin};
    Browser phone;
    Browser desk;

    nlohmann::json begin() {
        house.step_up(erik);
        const auto begun =
            house.ask(erik.browser, "POST", "/api/self/authenticators/push", {{"label", "Mine"}});
        REQUIRE_MESSAGE(begun.status == 201, begun.response.body);
        return begun.json;
    }

    Answer prove(const nlohmann::json& begun, std::int64_t training_read) {
        const auto id = AuthenticatorId::parse(begun["id"].get<std::string>()).value();
        const auto challenge = from_base64url(begun["challenge"].get<std::string>()).value();
        return house.ask(
            erik.browser,
            "POST",
            "/api/self/authenticators/" + id.text() + "/prove",
            {{"public_key", to_base64url(key.spki())},
             {"signature", to_base64url(key.enrol(id, challenge))},
             {"training_read", training_read}}
        );
    }

    void enrol() {
        const auto begun = begin();
        const auto proven = prove(begun, begun["training_version"].get<std::int64_t>());
        REQUIRE_MESSAGE(proven.status == 201, proven.response.body);
        const std::string name(phone_cookie);
        REQUIRE(erik.browser.cookies.contains(name));
        phone.cookies[name] = erik.browser.cookies.at(name);
        phone.peer = "198.51.100.9";
    }

    // The number that the sign-in page shows.
    int ask_phone(const std::string& name, const std::string& passphrase) {
        const nlohmann::json typed{{"login_name", name}, {"passphrase", passphrase}};
        REQUIRE(house.ask(desk, "POST", "/api/sign-in", typed).status == 200);
        const auto asked = house.ask(desk, "POST", "/api/sign-in/push", nlohmann::json::object());
        REQUIRE_MESSAGE(asked.status == 200, asked.response.body);
        return asked.json["number"].get<int>();
    }

    Answer question() { return house.ask(phone, "GET", "/api/phone/question"); }

    Answer answer(const nlohmann::json& prompt, PushDecision decision, int number = 0) {
        const auto attempt = PushAttemptId::parse(prompt["attempt"].get<std::string>()).value();
        const auto given = key.answer(attempt, decision, number);
        return house.ask(
            phone,
            "POST",
            "/api/phone/answer",
            {{"attempt", attempt.text()},
             {"decision", authn::to_text(decision)},
             {"number", number == 0 ? "" : std::to_string(number)},
             {"signature", to_base64url(given.signature)}}
        );
    }

    // A sign-in of erik's whose question the phone answers so.
    void ask_and(PushDecision decision) {
        (void)ask_phone("erik", erik.passphrase);
        CHECK(answer(question().json["prompt"], decision).status == 200);
    }

    // How often `who` is told so.
    std::size_t told(TestPerson& who, const std::string& kind) {
        const auto listed = house.ask(who.browser, "GET", "/api/self/notices").json["notices"];
        const auto is_it = [&](const auto& each) { return each["kind"] == kind; };
        return static_cast<std::size_t>(std::ranges::count_if(listed, is_it));
    }

    std::string phone_path() {
        const auto all =
            house.ask(erik.browser, "GET", "/api/self/authenticators").json["authenticators"];
        for (const auto& each : all) {
            if (each["kind"] != "push") continue;
            state = each["state"].get<std::string>();
            return "/api/self/authenticators/" + each["id"].get<std::string>();
        }
        return {};
    }

    std::string state = {};  // of the phone, when it was last listed

    Answer finish() {
        return house.ask(desk, "POST", "/api/sign-in/push/finish", nlohmann::json::object());
    }
};

TEST_CASE("S1-20: the number of the sign-in page, typed on the phone, opens the session") {
    Desk desk;
    desk.enrol();
    CHECK(desk.question().json["prompt"].is_null());
    const int number = desk.ask_phone("erik", desk.erik.passphrase);
    CHECK(desk.finish().status == 202);
    const auto prompt = desk.question().json["prompt"];
    CHECK(prompt["application"] == "Sallyport");
    CHECK(prompt["place"] == "192.0.2.7");
    CHECK_FALSE(prompt.dump().contains("\"number\""));
    CHECK(desk.answer(prompt, PushDecision::approve, number).status == 200);
    const auto opened = desk.finish();
    CHECK_MESSAGE(opened.status == 200, opened.response.body);
    const auto session = desk.house.ask(desk.desk, "GET", "/api/session");
    CHECK(session.status == 200);
    CHECK(session.json["factor"] == "pwd+swk");
    CHECK(desk.finish().json["reason"] == "authn.flow_over");
}

TEST_CASE("S0-63 (part): a sign-in by phone leaves one record, of the browser that signed in") {
    Desk desk;
    desk.enrol();
    const auto before = desk.house.events("authn.success").size();
    const int number = desk.ask_phone("erik", desk.erik.passphrase);
    const auto prompt = desk.question().json["prompt"];
    REQUIRE(desk.answer(prompt, PushDecision::approve, number).status == 200);
    CHECK(desk.house.events("authn.success").size() == before);
    REQUIRE(desk.finish().status == 200);
    const auto records = desk.house.events("authn.success");
    REQUIRE(records.size() == before + 1);
    const auto leaf = nlohmann::json::parse(records.front().leaf_json);
    CHECK(leaf["factor"]["amr"] == "pwd+swk");
    CHECK(leaf["where"]["channel"] == "web");
    CHECK(records.front().source == desk.desk.peer);
}

TEST_CASE("S0-64 (part): a question that the phone denies leaves one record with its reason") {
    Desk desk;
    desk.enrol();
    (void)desk.ask_phone("erik", desk.erik.passphrase);
    const auto prompt = desk.question().json["prompt"];
    REQUIRE(desk.answer(prompt, PushDecision::deny).status == 200);
    desk.house.clock.advance(60s);
    CHECK(desk.finish().json["reason"] == "authn.refused");
    const auto records = desk.house.events("authn.push_denied");
    REQUIRE(records.size() == 1);
    CHECK(nlohmann::json::parse(records.front().leaf_json)["fields"]["answer"] == "denied");
    CHECK(desk.house.events("authn.failure").empty());
}

TEST_CASE("S1-20 (part): without the right number the phone opens nothing") {
    Desk desk;
    desk.enrol();
    const int number = desk.ask_phone("erik", desk.erik.passphrase);
    const auto prompt = desk.question().json["prompt"];
    const auto bare = desk.house.ask(
        desk.phone,
        "POST",
        "/api/phone/answer",
        {{"attempt", prompt["attempt"]},
         {"decision", "approve"},
         {"signature", std::string(86, 'A')}}
    );
    CHECK(bare.json["reason"] == "push.answer_malformed");
    const auto wrong = desk.answer(prompt, PushDecision::approve, number == 99 ? 10 : number + 1);
    CHECK(wrong.json["reason"] == "push.number_wrong");
    CHECK(desk.question().json["prompt"].is_null());
    CHECK(desk.finish().status == 202);
    desk.house.clock.advance(60s);
    CHECK(desk.finish().json["reason"] == "authn.refused");
}

TEST_CASE("S1-25 (part): the phone says it wasn't me, and the sign-in is over") {
    Desk desk;
    desk.enrol();
    (void)desk.ask_phone("erik", desk.erik.passphrase);
    const auto prompt = desk.question().json["prompt"];
    CHECK(desk.answer(prompt, PushDecision::report).status == 200);
    CHECK(desk.house.events("detect.alert").size() == 1);
    desk.house.clock.advance(60s);
    CHECK(desk.finish().json["reason"] == "authn.refused");
    const auto security = desk.house.page(desk.erik.browser, "/security");
    CHECK(security.contains("Somebody knows your passphrase"));
}

TEST_CASE("S1-25: \"it wasn't me\" alerts the security officer, once however often it is pressed") {
    Desk desk;
    auto& house = desk.house;
    auto& sam = house.person("sam", "security_officer");
    auto& otto = house.person("otto", "auditor");
    desk.enrol();
    desk.ask_and(PushDecision::report);
    CHECK(desk.told(sam, "push_reported") == 1);
    CHECK(house.page(sam.browser, "/security").contains("said on their phone"));
    CHECK(desk.told(otto, "push_reported") == 0);
    CHECK(desk.told(desk.erik, "push_reported") == 0);
    CHECK(desk.told(desk.erik, "sign_in_reported") == 1);
    desk.ask_and(PushDecision::report);
    CHECK(desk.told(sam, "push_reported") == 1);
    desk.ask_and(PushDecision::report);
    CHECK(desk.told(sam, "push_reported") == 1);
    CHECK(desk.told(sam, "push_bombing") == 1);
    const auto alerts = house.events("detect.alert");
    REQUIRE(alerts.size() == 2);
    for (const auto* const rule : {"push.reported", "push.bombing"}) {
        const auto has = [&](const auto& each) { return each.leaf_json.contains(rule); };
        CHECK_MESSAGE(std::ranges::count_if(alerts, has) == 1, rule);
    }
}

TEST_CASE("S1-25: three questions without an approval suspend the phone; its holder resumes it") {
    Desk desk;
    auto& house = desk.house;
    desk.enrol();
    for (int i = 0; i < 3; ++i) {
        desk.ask_and(PushDecision::deny);
    }
    const auto path = desk.phone_path();
    CHECK(desk.state == "suspended");
    const auto refused = desk.question();
    CHECK(refused.json["reason"] == "push.phone_unknown");
    CHECK(refused.json["detail"].get<std::string>().contains("Use again"));
    (void)desk.ask_phone("erik", desk.erik.passphrase);
    CHECK(house.events("authn.push_sent").size() == 3);

    house.clock.advance(5min + 1s);
    auto& browser = desk.erik.browser;
    CHECK(house.ask(browser, "POST", path + "/resume").json["reason"] == "step_up_required");
    CHECK(house.page(browser, "/security").contains(path + "/resume"));
    house.step_up(desk.erik);
    CHECK(house.ask(browser, "POST", path + "/resume").status == 200);
    CHECK(house.events("cred.resumed").size() == 1);
    // Inside the ten minutes of the first three.
    const int number = desk.ask_phone("erik", desk.erik.passphrase);
    const auto prompt = desk.question().json["prompt"];
    REQUIRE(prompt.is_object());
    CHECK(desk.answer(prompt, PushDecision::approve, number).status == 200);
    CHECK(desk.finish().status == 200);
    (void)desk.phone_path();
    CHECK(desk.state == "active");
}

TEST_CASE("S0-37 (part): the number of the confirmation page, typed on the phone, is a fresh proof"
) {
    Desk desk;
    desk.enrol();
    auto& house = desk.house;
    house.sign_in(desk.erik);
    auto& browser = desk.erik.browser;
    house.clock.advance(5min + 1s);
    const auto add = [&] {
        const nlohmann::json label{{"label", "Tablet"}};
        return house.ask(browser, "POST", "/api/self/authenticators/totp", label);
    };
    CHECK(add().json["reason"] == "step_up_required");
    CHECK(house.page(browser, "/step-up").contains("/api/step-up/push"));
    const auto ask = [&] {
        const auto asked = house.ask(browser, "POST", "/api/step-up/push");
        REQUIRE_MESSAGE(asked.status == 200, asked.response.body);
        return asked.json["number"].get<int>();
    };
    const auto finish = [&](Browser& by) {
        return house.ask(by, "POST", "/api/step-up/push/finish");
    };

    const int number = ask();
    CHECK(finish(browser).status == 202);
    CHECK(add().status == 401);
    const auto prompt = desk.question().json["prompt"];
    CHECK(prompt["application"] == "Sallyport (confirmation)");
    CHECK(house.page(browser, "/step-up/push").contains(std::to_string(number)));
    CHECK(desk.answer(prompt, PushDecision::approve, number).status == 200);
    CHECK(house.page(browser, "/step-up/push").contains("Your phone has answered."));
    const auto before = house.events("stepup.success").size();
    const auto confirmed = finish(browser);
    CHECK_MESSAGE(confirmed.status == 200, confirmed.response.body);
    CHECK(house.events("stepup.success").size() == before + 1);
    CHECK(house.events("stepup.success").front().amr == "swk");
    CHECK(add().status == 201);
    // Once.
    CHECK(finish(browser).json["reason"] == "authn.flow_over");

    house.clock.advance(5min + 1s);
    (void)ask();
    CHECK(desk.answer(desk.question().json["prompt"], PushDecision::deny).status == 200);
    CHECK(finish(browser).status == 202);
    house.clock.advance(60s);
    CHECK(finish(browser).json["reason"] == "step_up.refused");
    CHECK(add().json["reason"] == "step_up_required");
}

TEST_CASE("S0-31 (part): the page that waits for the phone asks by itself, and extends nothing") {
    Desk desk;
    desk.enrol();
    auto& house = desk.house;
    house.sign_in(desk.erik);
    auto& browser = desk.erik.browser;
    REQUIRE(house.ask(browser, "POST", "/api/step-up/push").status == 200);
    const auto left = [&] {
        return house.ask(browser, "GET", "/api/session").json["idle_left_seconds"].get<int>();
    };
    const auto fresh = left();
    house.clock.advance(30s);
    CHECK(house.ask(browser, "GET", "/step-up/push").status == 200);
    CHECK(left() == fresh - 30);
}

TEST_CASE("a phone's approval confirms in the session that asked, and for its own account") {
    Desk desk;
    desk.enrol();
    auto& house = desk.house;
    auto& otto = house.person("otto", "auditor");
    house.sign_in(desk.erik);
    house.sign_in(otto);
    CHECK(house.ask(otto.browser, "POST", "/api/step-up/push").json["reason"] == "push.no_phone");
    CHECK_FALSE(house.page(otto.browser, "/step-up").contains("/api/step-up/push"));
    const auto asked = house.ask(desk.erik.browser, "POST", "/api/step-up/push");
    const auto prompt = desk.question().json["prompt"];
    REQUIRE(
        desk.answer(prompt, PushDecision::approve, asked.json["number"].get<int>()).status == 200
    );
    const std::string cookie = "__Host-sallyport-confirm";
    auto thief = otto.browser;
    thief.cookies[cookie] = desk.erik.browser.cookies.at(cookie);
    CHECK(house.ask(thief, "POST", "/api/step-up/push/finish").json["reason"] == "authn.flow_over");
    CHECK(house.ask(desk.erik.browser, "POST", "/api/step-up/push/finish").status == 200);
}

TEST_CASE("a phone hears whether messages wake it") {
    Desk desk;
    desk.house.services().push.hosts = {"push.example.org"};
    desk.enrol();
    // Asked beside a question, so that the answer is not held back.
    const auto wakes = [&] {
        (void)desk.ask_phone("erik", desk.erik.passphrase);
        const auto seen = desk.question().json;
        desk.house.clock.advance(61s);
        return seen["wakes"].get<bool>();
    };
    CHECK_FALSE(wakes());
    // The receiver of RFC 8291 §5.
    const nlohmann::json subscription{
        {"endpoint", "https://push.example.org/send/abc"},
        {"keys",
         {{"p256dh",
           "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
          },
          {"auth", "BTBZMqHH6r4Tts7J_aSIgg"}}},
    };
    const auto kept =
        desk.house.ask(desk.phone, "POST", "/api/phone/address", {{"subscription", subscription}});
    REQUIRE_MESSAGE(kept.status < 300, kept.response.body);
    CHECK(wakes());
}

TEST_CASE("the page of a name that nobody has is the page of any other") {
    Desk desk;
    desk.enrol();
    const auto seen = [&](const std::string& name, const std::string& passphrase) {
        const auto number = std::to_string(desk.ask_phone(name, passphrase));
        auto page = desk.house.page(desk.desk, "/sign-in/push?next=/grants");
        const auto at = page.find("<strong>" + number + "</strong>");
        REQUIRE(at != std::string::npos);
        return page.replace(at, number.size() + 17, "");
    };
    const auto right = seen("erik", desk.erik.passphrase);
    CHECK(right.contains("<noscript><meta http-equiv=\"refresh\""));
    CHECK(seen("erik", "a wrong passphrase of some words") == right);
    CHECK(seen("nobody.at.all", "a wrong passphrase of some words") == right);
    desk.house.clock.advance(60s);
    CHECK(desk.house.page(desk.desk, "/sign-in/push").contains("/api/sign-in/push/finish"));
}

TEST_CASE("S1-71 (part): no phone before its person confirms what they read about false questions"
) {
    Desk desk;
    const auto page = desk.house.page(desk.erik.browser, "/security/phone");
    CHECK(page.contains("It wasn’t me"));
    CHECK(page.contains("name=\"training\" required"));
    const auto begun = desk.begin();
    CHECK(desk.prove(begun, 0).json["reason"] == "push.training_open");
    CHECK_FALSE(desk.erik.browser.cookies.contains(std::string(phone_cookie)));
}

TEST_CASE("a browser that is no phone is told so, and its cookie is nobody's session") {
    Desk desk;
    desk.enrol();
    Browser stranger;
    CHECK(
        desk.house.ask(stranger, "GET", "/api/phone/question").json["reason"] ==
        "push.phone_unknown"
    );
    stranger.cookies[std::string(phone_cookie)] = to_base64url(Bytes(32));
    CHECK(
        desk.house.ask(stranger, "GET", "/api/phone/question?wait=1").json["reason"] ==
        "push.phone_unknown"
    );
    CHECK(desk.house.ask(desk.phone, "GET", "/api/session").status == 401);
}

}  // namespace

}  // namespace sallyport::api::test
