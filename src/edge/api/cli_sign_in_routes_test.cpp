#include "edge/api/cli_sign_in_routes.h"

#include "base/core/bytes.h"
#include "domain/session/cli_code.h"
#include "edge/api/api_test_house.h"
#include "edge/http/target.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

const std::string verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const std::string challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const std::string state(43, 'Q');
const std::string asked = "/cli-sign-in?port=40000&challenge=" + challenge + "&state=" + state;

nlohmann::json confirmed(const std::string& port = "40000") {
    return {{"port", port}, {"challenge", challenge}, {"state", state}};
}

// Erik at his browser, and a program that waits on port 40000.
struct Desk {
    ApiTestHouse house;
    TestPerson& erik = house.person("erik", "engineer");
    Browser program{.cookies = {}, .csrf = {}, .bearer = {}, .peer = "192.0.2.9"};

    // Signed in a moment ago, since some tests let time pass.
    Desk() { house.sign_in(erik); }

    std::string code() {
        const auto made = house.ask(erik.browser, "POST", "/api/cli-sign-in", confirmed());
        REQUIRE_MESSAGE(made.status == 200, made.response.body);
        const auto address = made.json["address"].get<std::string>();
        const std::string before = "http://127.0.0.1:40000/?code=";
        REQUIRE(address.starts_with(before));
        CHECK(address.ends_with("&state=" + state));
        return address.substr(before.size(), 43);
    }

    Answer redeem(const std::string& code, const std::string& with = verifier) {
        return house.ask(program, "POST", "/api/cli-session", {{"code", code}, {"verifier", with}});
    }

    void opened() {
        const auto answer = redeem(code());
        REQUIRE_MESSAGE(answer.status == 200, answer.response.body);
        program.bearer = answer.json["token"];
    }

    int status(Browser& browser) { return house.ask(browser, "GET", "/api/session").status; }

    // As a browser sends a form, or opens a page.
    http::Response browse(const std::string& method, const std::string& target, std::string body) {
        http::Request request;
        const auto parsed = http::parse_target(target);
        request.method = method;
        request.target = target;
        request.path = parsed->path;
        request.query = parsed->query;
        request.host = "sallyport.example.org";
        request.peer = erik.browser.peer;
        request.tls = true;
        request.headers.add("accept", "text/html");
        std::string cookies;
        for (const auto& [name, value] : erik.browser.cookies) {
            cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
        }
        request.headers.add("cookie", cookies);
        if (method == "POST") {
            request.headers.add("content-type", "application/x-www-form-urlencoded");
            request.headers.add("origin", "https://sallyport.example.org");
            request.body = std::move(body);
        }
        return house.send(std::move(request));
    }
};

std::string location(const http::Response& response) {
    return std::string(response.headers.only("location").value_or(""));
}

TEST_CASE("the page says who asks for what, and what to do if one did not ask") {
    Desk desk;
    const auto page = desk.browse("GET", asked, "");
    CHECK(page.status == 200);
    CHECK(page.body.contains("127.0.0.1:40000"));
    CHECK(page.body.contains("erik"));
    CHECK(page.body.contains("close this page"));
    CHECK(page.body.contains("action=\"/api/cli-sign-in\""));
}

TEST_CASE("who is not signed in signs in first, and comes back to the page") {
    Desk desk;
    desk.erik.browser.cookies.clear();
    const auto sent = desk.browse("GET", asked, "");
    CHECK(sent.status == 303);
    CHECK(location(sent) == "/sign-in?next=" + http::percent_encoded(asked));
}

TEST_CASE("a proof that is too old is asked for again, and leads back to the page") {
    Desk desk;
    desk.house.clock.advance(5min + 1s);
    const auto sent = desk.browse("GET", asked, "");
    CHECK(sent.status == 303);
    CHECK(location(sent) == "/step-up?next=" + http::percent_encoded(asked));
    const auto refused = desk.house.ask(desk.erik.browser, "POST", "/api/cli-sign-in", confirmed());
    CHECK(refused.status == 401);
    CHECK(refused.json["reason"] == "step_up_required");
    CHECK(desk.house.events("cli_code.issued").empty());
}

TEST_CASE("the form leads to 127.0.0.1 by a page, not by a redirect, and only with its CSRF word") {
    Desk desk;
    const auto form = "port=40000&challenge=" + challenge + "&state=" + state;
    const auto forged = desk.browse("POST", "/api/cli-sign-in", form);
    CHECK(forged.status == 403);
    CHECK(desk.house.events("cli_code.issued").empty());
    const auto sent =
        desk.browse("POST", "/api/cli-sign-in", form + "&csrf=" + desk.erik.browser.csrf);
    CHECK(sent.status == 200);
    CHECK_FALSE(sent.headers.has("location"));
    const auto refresh = std::string(sent.headers.only("refresh").value_or(""));
    CHECK(refresh.starts_with("0; url=http://127.0.0.1:40000/?code="));
    CHECK(refresh.ends_with("&state=" + state));
}

TEST_CASE("an address that sallyport login did not print is refused, and makes no code") {
    Desk desk;
    for (const auto& body :
         {nlohmann::json(nlohmann::json::object()),
          confirmed("80"),
          confirmed("40000@evil.example"),
          nlohmann::json{{"port", "40000"}, {"challenge", challenge}},
          nlohmann::json{{"port", "40000"}, {"challenge", "short"}, {"state", state}}}) {
        CAPTURE(body.dump());
        const auto refused = desk.house.ask(desk.erik.browser, "POST", "/api/cli-sign-in", body);
        CHECK(refused.status == 422);
        CHECK(refused.json["reason"] == "cli_sign_in.malformed");
    }
    CHECK(desk.browse("GET", "/cli-sign-in", "").status == 422);
    CHECK(desk.house.events("cli_code.issued").empty());
}

TEST_CASE("code and verifier give a bearer token, child of the browser's session") {
    Desk desk;
    desk.opened();
    const auto mine = desk.house.ask(desk.program, "GET", "/api/session").json;
    CHECK(mine["login_name"] == "erik");
    CHECK(
        mine["ends_at"] == desk.house.ask(desk.erik.browser, "GET", "/api/session").json["ends_at"]
    );
    // What the cookie opens, the bearer token does not, and the other way round.
    auto as_cookie = desk.program;
    as_cookie.cookies["__Host-sallyport"] = std::exchange(as_cookie.bearer, "");
    CHECK(desk.status(as_cookie) == 401);
}

TEST_CASE("whatever is wrong with a code, the program is told one reason") {
    Desk desk;
    const auto refused = [&](const Answer& answer) {
        return answer.status == 403 && answer.json["reason"] == "cli_code.refused";
    };
    CHECK(refused(desk.redeem(std::string(43, 'A'))));
    CHECK(refused(desk.redeem(desk.code(), std::string(43, 'A'))));
    const auto late = desk.code();
    desk.house.clock.advance(60s);
    CHECK(refused(desk.redeem(late)));
    CHECK(desk.house.events("cli_code.refused").size() == 3);
    CHECK(desk.house.events("cli_code.redeemed").empty());
}

TEST_CASE("what is not JSON, or not of the form, is no code") {
    Desk desk;
    const auto code = desk.code();
    for (const auto& body :
         {nlohmann::json{{"code", code}},
          nlohmann::json{{"verifier", verifier}},
          nlohmann::json{{"code", code.substr(1)}, {"verifier", verifier}},
          nlohmann::json{{"code", code}, {"verifier", "short"}},
          nlohmann::json{{"code", code}, {"verifier", std::string(129, 'A')}},
          nlohmann::json{{"code", code.substr(1) + "*"}, {"verifier", verifier}}}) {
        CAPTURE(body.dump());
        CHECK(desk.house.ask(desk.program, "POST", "/api/cli-session", body).status == 422);
    }
    const auto form =
        desk.browse("POST", "/api/cli-session", "code=" + code + "&verifier=" + verifier);
    CHECK(form.status >= 400);
    CHECK(desk.house.events("cli_code.redeemed").empty());
    CHECK(desk.redeem(code).status == 200);
}

TEST_CASE("a code that is shown twice ends the session that it opened, at once") {
    Desk desk;
    const auto code = desk.code();
    const auto first = desk.redeem(code);
    REQUIRE(first.status == 200);
    Browser holder{.cookies = {}, .csrf = {}, .bearer = first.json["token"], .peer = "192.0.2.9"};
    CHECK(desk.status(holder) == 200);
    CHECK(desk.redeem(code).status == 403);
    CHECK(desk.status(holder) == 401);
    CHECK(desk.status(desk.erik.browser) == 200);
}

TEST_CASE("signing out in the browser signs the command line out; not the other way round") {
    Desk desk;
    desk.opened();
    auto other = desk.program;
    desk.opened();
    CHECK(desk.house.ask(other, "POST", "/api/session/end").status == 200);
    CHECK(desk.status(other) == 401);
    CHECK(desk.status(desk.program) == 200);
    CHECK(desk.house.ask(desk.erik.browser, "POST", "/api/session/end").status == 200);
    CHECK(desk.status(desk.program) == 401);
}

TEST_CASE("the command line renews no proof: its browser does, for both") {
    Desk desk;
    desk.opened();
    const auto proofs = desk.house.events("stepup.success").size();
    desk.house.clock.advance(5min + 1s);
    const auto refused = desk.house.ask(
        desk.program, "POST", "/api/step-up", {{"code", desk.house.code(desk.erik)}}
    );
    CHECK(refused.status == 403);
    CHECK(refused.json["reason"] == "session.through_browser");
    CHECK(desk.house.events("stepup.success").size() == proofs);
    const auto lent = desk.house.ask(desk.program, "POST", "/api/cli-sign-in", confirmed());
    CHECK(lent.json["reason"] == "step_up_required");
    desk.house.step_up(desk.erik);
    const auto not_web = desk.house.ask(desk.program, "POST", "/api/cli-sign-in", confirmed());
    CHECK(not_web.status == 403);
    CHECK(not_web.json["reason"] == "cli_code.not_web");
}

TEST_CASE("who guesses codes waits, as with tickets") {
    Desk desk;
    Answer last;
    for (int i = 0; i < 25; ++i) {
        last = desk.redeem(std::string(42, 'A') + "E");
    }
    CHECK(last.status == 429);
    CHECK(last.json["reason"] == "authn.throttled");
}

}  // namespace

}  // namespace sallyport::api::test
