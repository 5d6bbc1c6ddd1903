// Nobody learns from an answer whether there is such a person: status, header fields, body and
// length are the same for those who exist and those who do not. (That the time is the same too is
// measured over the network, in tests/attack.)

#include "tests/support/people.h"

#include "domain/authn/sign_in.h"
#include "domain/authn/throttle.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

// Everything that a stranger sees of an answer; of a cookie's random value only how long it is.
std::string seen(const http::Response& response) {
    std::string text = std::to_string(response.status) + '\n';
    for (const auto& [name, content] : response.headers.fields()) {
        std::string value = content;
        if (name == "set-cookie") {
            const auto equals = value.find('=');
            const auto end = value.find(';');
            value.replace(equals + 1, end - equals - 1, std::to_string(end - equals - 1));
        }
        text += name + ": " + value + '\n';
    }
    return text + '\n' + std::to_string(response.body.size()) + '\n' + response.body;
}

// One person's whole try, first form and second, and all that was seen of it.
struct Try {
    std::string login_name;
    std::string passphrase;
    std::string code = "000000";
};

std::string try_as_program(ApiTestHouse& house, const Try& who, const std::string& peer) {
    Browser browser;
    browser.peer = peer;
    const auto first = house.ask(
        browser,
        "POST",
        "/api/sign-in",
        {{"login_name", who.login_name}, {"passphrase", who.passphrase}}
    );
    const auto second = house.ask(browser, "POST", "/api/sign-in/code", {{"code", who.code}});
    return seen(first.response) + seen(second.response);
}

http::Response send_form(
    ApiTestHouse& house,
    const std::string& path,
    const std::string& cookies,
    const std::string& fields,
    const std::string& peer
) {
    http::Request request;
    request.method = "POST";
    request.target = request.path = path;
    request.host = "sallyport.example.org";
    request.peer = peer;
    request.tls = true;
    request.headers.add("accept", "text/html");
    request.headers.add("origin", "https://sallyport.example.org");
    request.headers.add("content-type", "application/x-www-form-urlencoded");
    request.headers.add("cookie", "__Host-sallyport-form=token" + cookies);
    request.body = "csrf=token&" + fields;
    return house.send(std::move(request));
}

std::string try_as_page(ApiTestHouse& house, const Try& who, const std::string& peer) {
    const auto first = send_form(
        house,
        "/api/sign-in",
        "",
        "login_name=" + http::percent_encoded(who.login_name) +
            "&passphrase=" + http::percent_encoded(who.passphrase),
        peer
    );
    std::string flow;
    for (const auto cookie : first.headers.all("set-cookie")) {
        flow += "; " + std::string(cookie.substr(0, cookie.find(';')));
    }
    const auto second = send_form(house, "/api/sign-in/code", flow, "code=" + who.code, peer);
    return seen(first) + seen(second);
}

TEST_CASE("S0-16 (part): whoever it is or is not, both forms' answers are the same to the byte") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    auto& gone = house.person("gone", "engineer");
    auto& anna = house.administrator();
    house.step_up(anna);
    REQUIRE(
        house.ask(anna.browser, "POST", "/api/users/gone/disable", {{"reason", "left"}}).status ==
        200
    );
    REQUIRE(
        house
            .ask(
                anna.browser,
                "POST",
                "/api/users",
                {{"login_name", "nils"}, {"display_name", "Nils"}, {"role", "engineer"}}
            )
            .status == 201
    );
    const std::vector<Try> tries{
        {"erik", "wrong"},
        {"erik", erik.passphrase},  // the right one, with a wrong code
        {"ERIK", "wrong"},
        {"gone", gone.passphrase},
        {"nils", "never enrolled"},
        {"nobody.here", "wrong"},
        {"a passphrase typed in the wrong field!", "wrong"},
        {std::string(3000, 'x'), "wrong"},
    };
    for (auto* const run : {&try_as_program, &try_as_page}) {
        std::string expected;
        int turn = 0;
        for (const auto& each : tries) {
            CAPTURE(each.login_name.substr(0, 40));
            // Time passes, so that no earlier failure is in the way.
            house.clock.advance(1h);
            const auto got = run(house, each, "198.51.100." + std::to_string(++turn));
            if (expected.empty()) expected = got;
            CHECK(got == expected);
        }
        CHECK(expected.contains("That did not match."));
    }
}

TEST_CASE("S0-16 (part): who must wait is told the same, whoever it is") {
    ApiTestHouse house;
    house.person("erik", "engineer");
    std::string expected;
    for (const auto* const name : {"anna", "erik", "nobody.here", "nobody.either"}) {
        CAPTURE(name);
        std::string course;
        for (int i = 0; i < 9; ++i) {
            course += try_as_program(house, {name, "wrong"}, "203.0.113." + std::to_string(i));
            course += try_as_page(house, {name, "wrong"}, "203.0.113." + std::to_string(i));
            house.clock.advance(700ms);
        }
        house.clock.advance(24h);
        if (expected.empty()) expected = course;
        CHECK(course == expected);
        CHECK(course.contains("Too many attempts."));
    }
}

TEST_CASE("S0-16 (part): a ticket that never was is refused like one that was used, or is over") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    const auto ticket_for = [&](const std::string& name) {
        house.step_up(anna);
        const auto made = house.ask(
            anna.browser,
            "POST",
            "/api/users",
            {{"login_name", name},
             {"display_name", name},
             {"role", "engineer"},
             {"proofing_method", "in_person"},
             {"proofing_evidence", "identity card"}}
        );
        REQUIRE(made.status == 201);
        return made.json["ticket"]["code"].get<std::string>();
    };
    const auto redeem = [&](const std::string& ticket) {
        Browser stranger;
        return seen(house.ask(stranger, "POST", "/api/enrolment", {{"ticket", ticket}}).response);
    };
    const auto used = ticket_for("ulf");
    const auto replaced = ticket_for("rita");
    const auto over = ticket_for("otto");
    REQUIRE(redeem(used).starts_with("200"));
    house.step_up(anna);
    REQUIRE(house.ask(anna.browser, "POST", "/api/users/rita/ticket").status == 201);
    const auto refused = redeem("AAAA-BBBB-CCCC-DDDD");
    CHECK(refused.starts_with("403"));
    CHECK(redeem(used) == refused);
    CHECK(redeem(replaced) == refused);
    CHECK(redeem("not a ticket at all") == refused);
    house.clock.advance(24h * 30);
    CHECK(redeem(over) == refused);
    // The first start's code, when there has long been an administrator, says no more.
    Browser stranger;
    const auto setup = house.ask(
        stranger,
        "POST",
        "/api/setup",
        {{"code", "AAAA-BBBB-CCCC-DDDD"}, {"login_name", "erik"}, {"display_name", "Erik"}}
    );
    CHECK(setup.status == 403);
    CHECK(setup.json.value("reason", "") == "ticket.refused");
}

// What is kept of attempts at names, whatever was typed: neither of a source nor of an account. The
// counter of a first form and that of a second are in one bucket.
std::set<std::string> buckets_of_names(ApiTestHouse& house) {
    constexpr std::string_view second_form = "sign_in:";
    constexpr std::array<std::string_view, 3> others{"source:", "account:", "place:"};
    const auto rows = house.database().read([](store::Tx& tx) {
        return tx.query("SELECT subject FROM throttle");
    });
    std::set<std::string> buckets;
    for (const auto& row : rows) {
        auto subject = row.text(0);
        if (subject.starts_with(second_form)) subject.erase(0, second_form.size());
        const bool of_another =
            std::ranges::any_of(others, [&](auto other) { return subject.starts_with(other); });
        if (!of_another) buckets.insert(subject);
    }
    return buckets;
}

// Both forms of `count` sign-ins with as many names that nobody has, each from an address of its
// own, half of them in the house. (The hash is left out, which counts nothing.)
void try_names(ApiTestHouse& house, int count) {
    const authn::SignIn sign_in(house.authn());
    house.database().write([&](store::Tx& tx) {
        const auto policy = policy::policy_in_force(tx);
        for (int i = 0; i < count; ++i) {
            house.clock.advance(1s);
            const auto name = fmt::format("nobody.{}", i);
            const auto where = sallyport::test::from_web(
                fmt::format("{}.{}.{}", i % 2 == 0 ? "198.18" : "10.3", i / 250, i % 250)
            );
            const auto moment = house.moment();
            const auto begun = sign_in.begin(tx, moment, *policy, {.identifier = name}, where);
            if (!begun) continue;  // names that share its bucket have to wait already
            const auto token = begun->token.expose();
            REQUIRE(sign_in.record(tx, moment, *policy, token, {}, where).has_value());
            const auto refused = sign_in.submit_code(tx, moment, *policy, token, "000000", where);
            REQUIRE_FALSE(refused.has_value());
        }
    });
}

TEST_CASE(
    "L-27: whatever fails, the caller reads one message, and names that nobody has share at most "
    "1,024 buckets"
) {
    ApiTestHouse house;
    house.name_ward();
    auto& erik = house.person("erik", "engineer");
    auto& gone = house.person("gone", "engineer");
    auto& anna = house.administrator();
    house.step_up(anna);
    const nlohmann::json why{{"reason", "left"}};
    REQUIRE(house.ask(anna.browser, "POST", "/api/users/gone/disable", why).status == 200);
    const std::string no_such_code = "AAAA-BBBB-CCCC-DDDD";

    for (auto* const run : {&try_as_program, &try_as_page}) {
        std::set<std::string> read;
        int turn = 0;
        const auto attempt = [&](const Try& who) {
            read.insert(run(house, who, fmt::format("198.51.100.{}", ++turn)));
        };
        for (const auto& who : std::vector<Try>{
                 {"nobody.here", "wrong"},
                 {"nobody.here", "wrong", no_such_code},
                 {"not a name at all!", "wrong"},
                 {"erik", "wrong"},
                 {"erik", "wrong", no_such_code},
                 {"erik", erik.passphrase},
                 {"erik", erik.passphrase, no_such_code},
                 {"gone", gone.passphrase},
             }) {
            house.clock.advance(1h);
            attempt(who);
        }
        // With everything right, but a code that was good a moment ago.
        house.clock.advance(1h);
        const auto used = house.code(erik);
        const Try right{"erik", erik.passphrase, used};
        REQUIRE(try_as_program(house, right, "192.0.2.7").contains("engineer"));
        attempt(right);
        REQUIRE(read.size() == 1);
        CHECK(read.begin()->contains("That did not match."));
    }

    try_names(house, 4 * static_cast<int>(authn::shared_counters_max));
    const auto buckets = buckets_of_names(house);
    CHECK(authn::shared_counters_max == 1024);
    CHECK(buckets.size() <= 1024);
    CHECK(buckets.size() > 900);  // the names were enough to fill them, and find no others
}

}  // namespace

}  // namespace sallyport::api::test
