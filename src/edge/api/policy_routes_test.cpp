// The policy's page: the register of roles, and the forms by which people propose and decide.

#include "edge/api/api_test_house.h"
#include "edge/http/target.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

// A form of the page, sent as a browser does.
http::Response send_form(
    ApiTestHouse& house, Browser& browser, const std::string& path, const std::string& fields = {}
) {
    http::Request request;
    request.method = "POST";
    request.target = request.path = path;
    request.host = "sallyport.example.org";
    request.peer = browser.peer;
    request.tls = true;
    request.headers.add("accept", "text/html");
    request.headers.add("origin", "https://sallyport.example.org");
    request.headers.add("content-type", "application/x-www-form-urlencoded");
    std::string cookies;
    for (const auto& [name, value] : browser.cookies) {
        cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
    }
    request.headers.add("cookie", cookies);
    request.body = "csrf=" + http::percent_encoded(browser.csrf) + fields;
    return house.send(std::move(request));
}

http::Response propose(ApiTestHouse& house, Browser& browser, const std::string& text) {
    return send_form(
        house,
        browser,
        "/api/policy/proposals",
        "&policy_text=" + http::percent_encoded(text) + "&rationale=shorter+while+we+try"
    );
}

std::string location(const http::Response& response) {
    return std::string(response.headers.only("location").value_or(""));
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

// As HTML has it back.
std::string unescaped(std::string text) {
    for (const auto& [entity, character] :
         {std::pair{"&quot;", "\""}, {"&#39;", "'"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}
         }) {
        for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, at)) {
            text.replace(at, std::string_view(entity).size(), character);
            ++at;
        }
    }
    return text;
}

// What is in the field that proposals are written in.
std::string proposal_field(const std::string& page) {
    const auto begin = page.find("<textarea name=\"policy_text\"");
    REQUIRE(begin != std::string::npos);
    const auto open = page.find(">\n", begin) + 2;
    return unescaped(page.substr(open, page.find("</textarea>", open) - open));
}

// The register's entry of one role.
std::string entry_of(const std::string& page, const std::string& role) {
    const auto begin =
        page.find("<section class=\"card role\" aria-labelledby=\"role-" + role + "\"");
    REQUIRE(begin != std::string::npos);
    return unescaped(page.substr(begin, page.find("</section>", begin) - begin));
}

std::string row(std::string_view label, std::string_view text) {
    return fmt::format("<dt>{}</dt><dd>{}</dd>", label, text);
}

TEST_CASE(
    "S0-06 (part): the page lists each scope's 3 to 5 roles, and says why there are more where "
    "there are"
) {
    ApiTestHouse house(policy::default_policy());
    auto& otto = house.person("otto", "auditor");
    const auto shown = house.page(otto.browser, "/policy");
    const auto shipped = policy::default_policy();
    for (const auto& scope : {"clinical", "gateway"}) {
        int listed = 0;
        for (const auto& role : shipped.roles) {
            if (role.scope != scope && role.scope != "both") continue;
            static_cast<void>(entry_of(shown, role.name));
            if (role.narrows.empty()) ++listed;
        }
        CHECK(listed >= 3);
        CHECK(listed <= 5);
    }
    CHECK(entry_of(shown, "vendor_engineer").contains(row("Narrower form of", "engineer")));
    CHECK_FALSE(shown.contains("more than five roles"));
}

TEST_CASE("S0-06 (part): a sixth role of a scope is shown with its written rationale") {
    ApiTestHouse house;
    auto& otto = house.person("otto", "auditor");
    house.put_in_force([](nlohmann::json& policy) {
        auto nurse = policy["roles"][1];
        nurse["name"] = "nurse";
        policy["roles"].push_back(nurse);
        policy["role_count_rationale"] = "Two departments are joined until spring.";
    });
    house.sign_in(otto);
    const auto shown = house.page(otto.browser, "/policy");
    CHECK(shown.contains("A scope has more than five roles. Why: "));
    CHECK(shown.contains("Two departments are joined until spring."));
    CHECK(entry_of(shown, "nurse")
              .contains(row("Job function", "Treats patients of their organisation")));
}

TEST_CASE(
    "S0-48 (part): each role's job function, purpose, can, can't, owner and intended use are on "
    "the page, with its risk and what that demands"
) {
    const auto shipped = policy::default_policy();
    ApiTestHouse house(shipped);
    auto& otto = house.person("otto", "auditor");
    const auto shown = house.page(otto.browser, "/policy");
    for (const auto& role : shipped.roles) {
        CAPTURE(role.name);
        const auto entry = entry_of(shown, role.name);
        CHECK(entry.contains(row("Job function", role.job)));
        CHECK(entry.contains(row("Purpose", role.purpose)));
        CHECK(entry.contains(row("Can", role.can)));
        CHECK(entry.contains(row("Can't", role.cannot)));
        CHECK(entry.contains(row("Owner", role.owner)));
        CHECK(entry.contains(row("Intended use", role.intended_use)));
        CHECK(entry.contains(fmt::format("<dt>Risk class</dt><dd>{}: ", policy::to_text(role.risk)))
        );
        CHECK_FALSE(entry.contains("<dt>Exception</dt>"));
    }
    CHECK(entry_of(shown, "patient").contains(row("Must show", "one factor, such as a passphrase"))
    );
    CHECK(entry_of(shown, "patient").contains("<dt>Risk item</dt><dd>SP-R1: "));
    CHECK(entry_of(shown, "engineer")
              .contains(
                  row("Must show",
                      "two factors, one of them a security key, passkey or card that a false "
                      "page can't use")
              ));
    CHECK(entry_of(shown, "engineer").contains(row("Times", "15 minutes idle, 8 hours at most")));
    // What raises the demand, rule by rule.
    CHECK(shown.contains("No home country is named: no place is abroad."));
    CHECK(shown.contains(
        "Everybody on a device that is not in order can only look after their own account."
    ));
    CHECK(shown.contains("The role patient abroad must show two factors."));
}

TEST_CASE(
    "S0-50 (part): a lower demand is shown with its exception, its end and whose it is, and is "
    "gone after it"
) {
    ApiTestHouse house(policy::default_policy());
    auto& otto = house.person("otto", "auditor");
    house.put_in_force([&](nlohmann::json& policy) {
        policy["roles"][3]["exception"] = {
            {"strength", "two_factors"},
            {"risk_item", "R-17"},
            {"reason", "The keys are on their way."},
            {"accepted_by", "Lena Falk, medical director"},
            {"until", to_text(house.moment().now + 24h)},
        };
    });
    house.sign_in(otto);
    const auto by_app =
        row("Must show", "two factors, such as a passphrase and the code of an app");
    const auto lowered = entry_of(house.page(otto.browser, "/policy"), "engineer");
    CHECK(lowered.contains(by_app));
    CHECK(lowered.contains("<dt>By its risk class</dt><dd>two factors, one of them a security key")
    );
    CHECK(lowered.contains(
        "risk item R-17, accepted by Lena Falk, medical director: The keys are on their way."
    ));
    CHECK(lowered.contains("<dt>Exception</dt><dd>until 2"));

    house.clock.advance(25h);
    house.sign_in(otto);
    const auto after = entry_of(house.page(otto.browser, "/policy"), "engineer");
    CHECK_FALSE(after.contains(by_app));
    CHECK(after.contains("<dt>Must show</dt><dd>two factors, one of them a security key"));
}

TEST_CASE(
    "a policy is proposed with the page's form, which begins as the one in force, and approved "
    "with another's"
) {
    ApiTestHouse house;
    auto& sam = house.person("sam", "security_officer");
    auto& paula = house.person("paula", "approver");
    house.sign_in(sam);
    const auto text = proposal_field(house.page(sam.browser, "/policy"));
    CHECK(nlohmann::json::parse(text) == house.ask(sam.browser, "GET", "/api/policy").json);
    CHECK_FALSE(house.page(paula.browser, "/policy").contains("<textarea"));

    const auto longer =
        replaced(text, R"("visit_max_seconds": 14400)", R"("visit_max_seconds": 7200)");
    const auto sent = propose(house, sam.browser, longer);
    CHECK(sent.status == 303);
    CHECK(location(sent) == "/policy");

    // Its proposer reads it, and has nothing to decide it with.
    const auto own = house.page(sam.browser, "/policy");
    CHECK(own.contains("<h3>Version 2: proposed</h3>"));
    CHECK(own.contains(
        "<tr><td>the policy</td><td>longest visit</td><td>4 hours</td><td>2 hours</td></tr>"
    ));
    CHECK_FALSE(own.contains("/api/policy/proposals/2/approve"));

    house.sign_in(paula);
    const auto before = house.page(paula.browser, "/policy");
    CHECK(before.contains("proposed by sam"));
    CHECK(before.contains("action=\"/api/policy/proposals/2/approve\""));
    house.clock.advance(5min + 1s);
    const auto stale = send_form(house, paula.browser, "/api/policy/proposals/2/approve");
    CHECK(location(stale).starts_with("/step-up?next="));
    CHECK(house.ask(paula.browser, "GET", "/api/policy").json["version"] == 1);
    house.step_up(paula);
    const auto approved = send_form(house, paula.browser, "/api/policy/proposals/2/approve");
    CHECK(location(approved) == "/policy");
    const auto in_force = house.ask(paula.browser, "GET", "/api/policy").json;
    CHECK(in_force["version"] == 2);
    CHECK(in_force["visit_max_seconds"] == 7200);
    CHECK(house.page(paula.browser, "/policy").contains("approved by paula"));

    // Back to what it was asks for less than now, and is rejected.
    house.step_up(sam);
    CHECK(location(propose(house, sam.browser, text)) == "/policy");
    CHECK(house.page(paula.browser, "/policy")
              .contains("<td>longest visit <strong class=\"weaker\">weaker</strong></td>"));
    const auto rejected = send_form(house, paula.browser, "/api/policy/proposals/3/reject");
    CHECK(location(rejected) == "/policy");
    CHECK(house.page(paula.browser, "/policy").contains("<h3>Version 3: rejected</h3>"));
    CHECK(house.ask(paula.browser, "GET", "/api/policy").json["version"] == 2);
}

TEST_CASE(
    "a proposal that is refused comes back with its text, where it is wrong, why and what to do"
) {
    ApiTestHouse house;
    auto& sam = house.person("sam", "security_officer");
    house.sign_in(sam);
    const auto text = proposal_field(house.page(sam.browser, "/policy"));
    const auto wrong = replaced(text, R"("risk": "medium")", R"("risk": "<b>middling</b>")");
    const auto line =
        std::count(
            wrong.begin(), wrong.begin() + static_cast<std::ptrdiff_t>(wrong.find("<b>")), '\n'
        ) +
        1;

    const auto refused = propose(house, sam.browser, wrong);
    CHECK(refused.status == 422);
    CHECK(refused.body.contains("<p role=\"alert\" id=\"problem\"><strong>The policy can"));
    CHECK(refused.body.contains("Correct the member named here."));
    CHECK(refused.body.contains(fmt::format(
        "line {}, column 15: roles[1].risk: must be low, medium, high or critical", line
    )));
    CHECK_FALSE(refused.body.contains("<b>"));
    CHECK(refused.body.contains("value=\"shorter while we try\""));
    CHECK(proposal_field(refused.body) == wrong);
    CHECK(house.ask(sam.browser, "GET", "/api/policy/versions").json["versions"].size() == 1);

    // The same to a program that sends the file as it is.
    const nlohmann::json body{
        {"policy_text", "{\n  \"version\": 1,\n  roles\n}"}, {"rationale", "shorter while we try"}
    };
    const auto by_program = house.ask(sam.browser, "POST", "/api/policy/proposals", body);
    CHECK(by_program.status == 422);
    CHECK(by_program.json["member"].get<std::string>().starts_with("line 3, column 3: not JSON"));
}

TEST_CASE(
    "the page's forms are nobody's without the right: a proposal or decision sent all the same is "
    "refused"
) {
    ApiTestHouse house;
    auto& otto = house.person("otto", "auditor");
    house.sign_in(otto);
    const auto shown = house.page(otto.browser, "/policy");
    CHECK_FALSE(shown.contains("/api/policy/proposals"));
    CHECK(propose(house, otto.browser, "{}").status == 403);
    CHECK(send_form(house, otto.browser, "/api/policy/proposals/2/approve").status == 403);
    CHECK(send_form(house, otto.browser, "/api/policy/proposals/2/reject").status == 403);
}

}  // namespace

}  // namespace sallyport::api::test
