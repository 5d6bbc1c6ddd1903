// How long a session lasts, asked at the door: every role's timers to the second, whatever the
// person, the command line or the policy tries. The numbers are those of the requirements, written
// out again here.

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

struct Timers {
    std::string role;
    std::chrono::seconds idle;
    std::chrono::seconds absolute;
};

// Administrators of a scope make its people; the first of the clinical one comes from the other.
TestPerson& somebody(ApiTestHouse& house, const std::string& role) {
    if (role == "gateway_administrator") return house.administrator();
    if (role != "patient" && role != "clinician") return house.person("someone", role);
    auto& clinical = house.person("clark", "clinical_administrator");
    return house.person(clinical, "someone", role);
}

// A page, as a person asks for it.
Answer page(ApiTestHouse& house, TestPerson& person) {
    return house.ask(person.browser, "GET", "/");
}

std::size_t count(ApiTestHouse& house, const std::string& type) {
    return house.events(type).size();
}

void check_idle(const Timers& timers) {
    ApiTestHouse house;
    auto& person = somebody(house, timers.role);
    CAPTURE(timers.role);
    const auto before = count(house, "session.expired_idle");
    house.clock.advance(timers.idle - 1s);
    CHECK(page(house, person).status == 200);
    house.clock.advance(timers.idle - 1s);
    // Polling in the background is no person.
    CHECK(house.ask(person.browser, "GET", "/api/session").status == 200);
    house.clock.advance(1s);
    const auto over = page(house, person);
    CHECK(over.status == 401);
    CHECK(over.json.value("reason", "") == "session.expired_idle");
    CHECK(count(house, "session.expired_idle") == before + 1);
    CHECK(page(house, person).status == 401);
}

void check_absolute(const Timers& timers) {
    ApiTestHouse house;
    auto& person = somebody(house, timers.role);
    CAPTURE(timers.role);
    const auto begun = house.clock.now();
    const auto end = begun + timers.absolute;
    const auto first = house.ask(person.browser, "GET", "/api/session");
    CHECK(first.json.value("ends_at", "") == to_text(end));
    const bool two_factors = timers.role != "patient";
    while (house.clock.now() + timers.idle < end) {
        house.clock.advance(timers.idle - 1min);
        REQUIRE(page(house, person).status == 200);
        // A fresh proof does not move the end.
        if (two_factors) house.step_up(person);
    }
    house.clock.advance(end - 1s - house.clock.now());
    const auto last = house.ask(person.browser, "GET", "/api/session");
    CHECK(last.status == 200);
    CHECK(last.json.value("ends_at", "") == to_text(end));
    CHECK(page(house, person).status == 200);
    house.clock.advance(1s);
    const auto over = page(house, person);
    CHECK(over.status == 401);
    CHECK(over.json.value("reason", "") == "session.expired_absolute");
    CHECK(house.events("session.expired_absolute").front().account_name == person.name);
}

TEST_CASE("S0-28: at 4 h 00 m 00 s a patient's next request is 401, however busy they were") {
    check_absolute({"patient", 30min, 4h});
    check_idle({"patient", 30min, 4h});
}

TEST_CASE("S0-31: a clinician is signed out after 60 min 0 s idle, and at 8 h 00 m 00 s") {
    check_idle({"clinician", 60min, 8h});
    check_absolute({"clinician", 60min, 8h});
}

TEST_CASE("S0-36: an administrator's next request after 15 min 0 s is 401, and after 8 h too") {
    for (const auto* const role : {"gateway_administrator", "clinical_administrator"}) {
        check_idle({role, 15min, 8h});
        check_absolute({role, 15min, 8h});
    }
}

TEST_CASE("S0-08: every role's idle and absolute timer ends its session at the door") {
    for (const auto* const role : {"engineer", "approver", "auditor", "security_officer"}) {
        check_idle({role, 15min, 8h});
        check_absolute({role, 15min, 8h});
    }
}

using Fields = std::vector<std::pair<std::string, std::string>>;

int status_with(
    ApiTestHouse& house, TestPerson& person, const std::string& path, const Fields& fields
) {
    http::Request request;
    request.method = "GET";
    request.target = request.path = path;
    request.host = "sallyport.example.org";
    request.peer = person.browser.peer;
    request.tls = true;
    request.headers.add("accept", "application/json");
    const auto& cookie = person.browser.cookies["__Host-sallyport"];
    request.headers.add("cookie", "__Host-sallyport=" + cookie);
    for (const auto& [name, value] : fields) {
        request.headers.add(name, value);
    }
    return house.send(std::move(request)).status;
}

// What a browser says of its own time, in every way that it can.
int status_by_browser_time(ApiTestHouse& house, TestPerson& person, const std::string& date) {
    const Fields fields{{"date", date}, {"if-modified-since", date}, {"x-client-time", date}};
    return status_with(house, person, "/api/session/continue", fields);
}

TEST_CASE("S1-42: patient, clinician, administrator and technician are logged off at their limits"
) {
    for (const auto& timers :
         {Timers{"patient", 30min, 4h},
          Timers{"clinician", 60min, 8h},
          Timers{"gateway_administrator", 15min, 8h},
          Timers{"clinical_administrator", 15min, 8h},
          Timers{"engineer", 15min, 8h}}) {
        check_idle(timers);
        check_absolute(timers);

        // Whatever a browser says the time is, the server's clock alone counts.
        ApiTestHouse house;
        auto& person = somebody(house, timers.role);
        CAPTURE(timers.role);
        const auto past = "Sat, 01 Jan 2000 00:00:00 GMT";
        const auto future = "Fri, 01 Jan 2099 00:00:00 GMT";
        CHECK(status_by_browser_time(house, person, future) == 200);
        house.clock.advance(timers.idle - 1s);
        CHECK(status_by_browser_time(house, person, future) == 200);
        house.clock.advance(timers.idle);
        CHECK(status_by_browser_time(house, person, past) == 401);
    }
}

TEST_CASE("S0-56 (part): a session says how much time is left; asking extends nothing, wishing does"
) {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    const auto ask = [&](const std::string& path) {
        return house.ask(erik.browser, "GET", path).json;
    };
    const auto fresh = ask("/api/session/continue");
    CHECK(fresh["idle_left_seconds"] == 900);
    house.clock.advance(13min);
    // However often a page asks.
    for (int i = 0; i < 100; ++i) {
        CHECK(ask("/api/session")["idle_left_seconds"] == 120);
    }
    const auto left = ask("/api/session")["left_seconds"].get<int>();
    CHECK(ask("/api/session/continue")["idle_left_seconds"] == 900);
    CHECK(ask("/api/session")["left_seconds"] == left);  // the hard cap stays where it is

    house.clock.advance(15min - 1s);
    CHECK(ask("/api/session")["idle_left_seconds"] == 1);
    house.clock.advance(1s);
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 401);
}

TEST_CASE("a request that says it is made in the background keeps nobody signed in") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    REQUIRE(house.ask(erik.browser, "GET", "/").status == 200);
    house.clock.advance(14min);
    CHECK(status_with(house, erik, "/", {{"x-sallyport-background", "1"}}) == 200);
    house.clock.advance(1min);
    CHECK(house.ask(erik.browser, "GET", "/").status == 401);
}

// Signs in as the command line does, asking for whatever might make the token last.
Browser command_line(ApiTestHouse& house, TestPerson& person) {
    Browser terminal;
    nlohmann::json first{{"login_name", person.name}, {"passphrase", person.passphrase}};
    nlohmann::json second{{"code", nullptr}};
    for (auto* const body : {&first, &second}) {
        body->update(
            {{"channel", "cli"},
             {"ends_at", "2099-01-01T00:00:00Z"},
             {"expires", "never"},
             {"lifetime_seconds", 0},
             {"remember", true},
             {"idle_seconds", 999'999}}
        );
    }
    const auto period = 30s;
    const auto due = Time(period * (person.step + 1));
    if (house.clock.now() < due) house.clock.advance(due - house.clock.now());
    REQUIRE(house.ask(terminal, "POST", "/api/sign-in", first).status == 200);
    second["code"] = house.code(person);
    const auto opened = house.ask(terminal, "POST", "/api/sign-in/code", second);
    REQUIRE_MESSAGE(opened.status == 200, opened.response.body);
    Browser program;
    program.bearer = opened.json.value("token", "");
    REQUIRE_FALSE(program.bearer.empty());
    return program;
}

TEST_CASE("S0-57: an administrator's token of the command line ends like their session") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto idle = command_line(house, anna);
    const auto begun = house.clock.now();
    const auto session = house.ask(idle, "GET", "/api/session");
    CHECK(session.json.value("ends_at", "") == to_text(begun + 8h));
    CHECK(session.json.value("idle_seconds", 0) == 900);
    house.clock.advance(15min - 1s);
    CHECK(house.ask(idle, "GET", "/api/users").status == 200);
    house.clock.advance(15min);
    const auto over = house.ask(idle, "GET", "/api/users");
    CHECK(over.status == 401);
    CHECK(over.json.value("reason", "") == "session.expired_idle");

    auto busy = command_line(house, anna);
    const auto end = house.clock.now() + 8h;
    while (house.clock.now() + 14min < end) {
        house.clock.advance(14min);
        REQUIRE(house.ask(busy, "GET", "/api/users").status == 200);
    }
    house.clock.advance(end - house.clock.now());
    const auto ended = house.ask(busy, "GET", "/api/users");
    CHECK(ended.status == 401);
    CHECK(ended.json.value("reason", "") == "session.expired_absolute");

    // Nor is it worth anything as a cookie, which a browser would send by itself.
    const auto token = command_line(house, anna).bearer;
    Browser browser;
    browser.cookies["__Host-sallyport"] = token;
    CHECK(house.ask(browser, "GET", "/api/session").status == 401);
}

TEST_CASE("S0-15: a policy with a timer of 0, below 0, absent or above the bound is refused") {
    ApiTestHouse house;
    auto& sam = house.person("sam", "security_officer");
    const auto in_force = house.ask(sam.browser, "GET", "/api/policy").json;
    REQUIRE(in_force.contains("roles"));
    const auto propose = [&](std::size_t role, const char* member, const nlohmann::json& value) {
        auto wanted = in_force;
        wanted["version"] = in_force["version"].get<int>() + 1;
        if (value.is_null()) {
            wanted["roles"][role].erase(member);
        } else {
            wanted["roles"][role][member] = value;
        }
        return house.ask(
            sam.browser,
            "POST",
            "/api/policy/proposals",
            {{"policy", wanted}, {"rationale", "a test of the bounds"}}
        );
    };
    for (std::size_t role = 0; role < in_force["roles"].size(); ++role) {
        const auto name = in_force["roles"][role]["name"].get<std::string>();
        CAPTURE(name);
        const int bound = name == "patient" ? 4 * 3600 : 8 * 3600;
        for (const auto* const member : {"idle_seconds", "absolute_seconds"}) {
            CAPTURE(member);
            for (const auto& value :
                 {nlohmann::json(0), nlohmann::json(-1), nlohmann::json(), nlohmann::json(bound + 1)
                 }) {
                CAPTURE(value.dump());
                const auto refused = propose(role, member, value);
                CHECK(refused.status == 422);
                CHECK(refused.json.value("member", "").find(member) != std::string::npos);
            }
        }
    }
    CHECK(house.ask(sam.browser, "GET", "/api/policy").json == in_force);
    const auto shorter = propose(0, "idle_seconds", 600);
    CHECK_MESSAGE(shorter.status == 201, shorter.response.body);
}

}  // namespace

}  // namespace sallyport::api::test
