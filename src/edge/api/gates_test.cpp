// Every route of the table, knocked at: without a session, with the wrong role, with a stale proof,
// from another site, and with the audit log looked at afterwards.

#include "base/core/fault.h"
#include "edge/api/api_test_house.h"
#include "edge/api/route_samples.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

const policy::Policy& shipped_policy() {
    static const auto policy = policy::default_policy();
    return policy;
}

Reply nothing() {
    return {};
}

TEST_CASE("S0-71: a route without a declared permission keeps the server from starting") {
    const Handler handler = [](store::Tx&, const Call&) -> Result<Reply> { return nothing(); };
    const Route forgotten{
        .method = "GET",
        .path = "/api/forgotten",
        .access = Access::session,
        .event = "-",
        .handler = handler
    };
    CHECK_THROWS_WITH_AS(
        ApiTestHouse({forgotten}),
        "route GET /api/forgotten declares no permission; every route needs one",
        Fault
    );

    const Route silent{
        .method = "POST",
        .path = "/api/silent",
        .access = Access::session,
        .permission = policy::Permission::user_manage,
        .event = "-",
        .handler = handler
    };
    CHECK_THROWS_AS(ApiTestHouse({silent}), Fault);

    const Route twice{
        .method = "GET",
        .path = "/api/users",
        .access = Access::session,
        .permission = policy::Permission::user_read,
        .event = "-",
        .handler = handler
    };
    CHECK_THROWS_AS(ApiTestHouse({twice}), Fault);
}

TEST_CASE("S0-71: without a session every route but the public ones refuses") {
    ApiTestHouse house;
    const std::vector<std::string> open_ones{
        "/health/live",
        "/health/ready",
        "/assets/style.css",
        "/assets/wire.js",
        "/assets/browser_keys.js",
        "/assets/sender_key.js",
        "/assets/handoff.js",
        "/assets/security_key.js",
        "/assets/session_watch.js",
        "/assets/push_waiting.js",
        "/assets/badge_waiting.js",
        "/language",
        "/ui/console.css",
        "/ui/console.js",
        "/api/sign-in/passkey",
        "/api/sign-in/key",
        "/api/enrolment/key/options",
        "/api/enrolment/key",
        "/unlock",
        "/api/session/unlock",
        "/api/session/unlock/key",
        "/badge",
        "/api/session/unlock-with-badge",
        "/api/workstation/watch",
        "/api/workstation/tap",
        "/api/badge-reader",
        "/api/badge-reader/challenge",
        "/api/badge-reader/tap",
        "/api/badge-reader/removal",
        "/api/cli-session",
        "/sign-in",
        "/api/sign-in",
        "/sign-in/code",
        "/forgot",
        "/forgot/code",
        "/api/recovery/mail",
        "/api/recovery/mail/code",
        "/second-factor",
        "/api/second-factor",
        "/api/second-factor/confirm",
        "/api/second-factor/key",
        "/api/second-factor/key/options",
        "/api/sign-in/code",
        "/sign-in/new-key",
        "/api/sign-in/new-key",
        "/api/sign-in/new-key/options",
        "/sign-in/push",
        "/api/sign-in/push",
        "/api/sign-in/push/finish",
        "/api/sign-in/card",
        "/sign-in/card",
        "/api/sign-in/card/second",
        "/sign-in/card/second",
        "/workstation",
        "/api/workstation/recognise",
        "/workstation/recognised",
        "/phone/question",
        "/phone/worker.js",
        "/phone/manifest.json",
        "/phone/icon.svg",
        "/assets/phone.js",
        "/api/phone/question",
        "/api/phone/answer",
        "/api/phone/address",
        "/setup",
        "/api/setup",
        "/enrol",
        "/api/enrolment",
        "/enrol/passphrase",
        "/api/enrolment/passphrase",
        "/api/enrolment/totp",
        "/passphrase",
        "/api/passphrase",
    };
    for (const auto& route : house.router().routes()) {
        CAPTURE(route.method);
        CAPTURE(route.path);
        const bool is_open =
            std::ranges::find(open_ones, std::string(route.path)) != open_ones.end();
        CHECK((route.access == Access::open) == is_open);
        if (is_open) continue;
        Browser stranger;
        const auto answer = house.ask(stranger, std::string(route.method), some_path(route.path));
        CHECK(answer.status == 401);
    }
}

TEST_CASE("deny by default: a role reaches what its permissions name, and nothing else") {
    ApiTestHouse house;
    for (const auto& [name, role] :
         {std::pair{"erik", "engineer"}, {"paula", "approver"}, {"otto", "auditor"}}) {
        auto& person = house.person(name, role);
        const auto* const rules = shipped_policy().role(role);
        const auto permissions = rules->permissions;
        for (const auto& route : house.router().routes()) {
            if (route.access != Access::session) continue;
            if (permissions.test(static_cast<std::size_t>(*route.permission))) continue;
            CAPTURE(role);
            CAPTURE(route.path);
            const auto answer =
                house.ask(person.browser, std::string(route.method), some_path(route.path));
            CHECK(answer.status == 403);
        }
    }
    CHECK(!house.events("authz.denied").empty());
}

TEST_CASE("S0-58: every privileged route answers step_up_required to a stale session") {
    ApiTestHouse house;
    // Between them these four may call each of them; none is left out.
    auto& anna = house.administrator();
    auto& paula = house.person("paula", "approver");
    auto& otto = house.person("otto", "auditor");
    auto& sam = house.person("sam", "security_officer");
    house.clock.advance(5min + 1s);
    std::set<std::string> privileged;
    std::set<std::string> asked;
    std::size_t times = 0;
    for (const auto& route : house.router().routes()) {
        if (route.access != Access::session) continue;
        const bool always = policy::needs_step_up_always(*route.permission);
        CHECK((!always || route.step_up == StepUp::yes));
        if (route.step_up != StepUp::yes) continue;
        const auto name = std::string(route.method) + " " + std::string(route.path);
        privileged.insert(name);
        for (auto* person : {&anna, &paula, &otto, &sam}) {
            const auto* const rules = shipped_policy().role(person->role);
            if (!rules->permissions.test(static_cast<std::size_t>(*route.permission))) continue;
            CAPTURE(name);
            CAPTURE(person->role);
            const auto answer =
                house.ask(person->browser, std::string(route.method), some_path(route.path));
            CHECK(is_step_up_required(answer));
            asked.insert(name);
            ++times;
        }
    }
    CHECK_FALSE(privileged.empty());
    CHECK(asked == privileged);
    CHECK(house.events("stepup.required").size() == times);
}

TEST_CASE("S0-78: creating users, changing roles and exporting ask again who one is") {
    ApiTestHouse house;
    const auto needs = [&](std::string_view method, std::string_view path) {
        for (const auto& route : house.router().routes()) {
            if (route.method == method && route.path == path) return route.step_up == StepUp::yes;
        }
        return false;
    };
    CHECK(needs("POST", "/api/users"));
    CHECK(needs("POST", "/api/users/{name}/role"));
    CHECK(needs("POST", "/api/recordings/{id}/export"));
    CHECK(needs("POST", "/api/audit/export"));

    auto& anna = house.administrator();
    house.person("erik", "engineer");
    auto& otto = house.person("otto", "auditor");
    house.clock.advance(5min + 1s);
    const auto told_before = house.events("").size();
    const nlohmann::json nils{
        {"login_name", "nils"}, {"display_name", "Nils"}, {"role", "engineer"}
    };
    CHECK(is_step_up_required(house.ask(anna.browser, "POST", "/api/users", nils)));
    CHECK(is_step_up_required(
        house.ask(anna.browser, "POST", "/api/users/erik/role", {{"role", "auditor"}})
    ));
    CHECK(is_step_up_required(house.ask(
        otto.browser,
        "POST",
        some_path("/api/recordings/{id}/export"),
        {{"reason", "Complaint 4711"}}
    )));
    CHECK(is_step_up_required(
        house.ask(otto.browser, "POST", "/api/audit/export", {{"type", "user."}})
    ));
    // Four refusals are all that happened.
    CHECK(house.events("stepup.required").size() == 4);
    CHECK(house.events("").size() == told_before + 4);

    house.step_up(anna);
    CHECK(house.ask(anna.browser, "POST", "/api/users", nils).status == 201);
    CHECK(
        house.ask(anna.browser, "POST", "/api/users/erik/role", {{"role", "auditor"}}).status == 200
    );
    house.step_up(otto);
    const auto fresh = house.ask(otto.browser, "POST", "/api/audit/export", {{"type", "user."}});
    CHECK(fresh.status == 200);
    const auto exports = house.events("audit.exported");
    REQUIRE(exports.size() == 1);
    const auto& leaf = exports.front().leaf_json;
    CHECK(leaf.contains(R"("destination":"download")"));
    // Nothing numbers the rows of this house.
    CHECK(leaf.contains(R"("range":"no numbered events, )"));
    CHECK(leaf.contains(R"( not yet numbered; type begins with \"user.\"")"));
}

// The authenticator app of this person.
std::string app_of(ApiTestHouse& house, const std::string& name) {
    return house.database().read([&](store::Tx& tx) {
        return tx
            .query(
                "SELECT r.id FROM authenticator r JOIN account a ON a.id = r.account_id "
                "WHERE a.login_name = ? AND r.kind = 'totp' AND r.state = 'active'",
                {name}
            )
            .front()
            .text(0);
    });
}

TEST_CASE("S0-37: a proof older than five minutes changes no user, a fresh factor does") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    house.person("erik", "engineer");
    const auto named = [](const std::string& name) -> nlohmann::json {
        return {
            {"login_name", name},
            {"display_name", name},
            {"role", "engineer"},
            {"proofing_method", "in_person"},
            {"proofing_evidence", "identity card"},
        };
    };
    const nlohmann::json why{{"reason", "left"}};
    // In an order in which each succeeds.
    const std::vector<std::pair<std::string, nlohmann::json>> changes{
        {"/api/users", named("nils")},
        {"/api/users/erik/role", {{"role", "auditor"}}},
        {"/api/users/nils/ticket", nullptr},
        {"/api/users/erik/disable", why},
        {"/api/users/erik/enable", why},
        {"/api/users/erik/delete", why},
    };
    house.clock.advance(5min);
    CHECK(house.ask(anna.browser, "POST", "/api/users", named("in-time")).status == 201);
    house.clock.advance(1s);
    const auto users = house.ask(anna.browser, "GET", "/api/users");
    CHECK(users.status == 200);  // looking needs no fresh proof
    for (const auto& [path, body] : changes) {
        CAPTURE(path);
        CHECK(is_step_up_required(house.ask(anna.browser, "POST", path, body)));
    }
    CHECK(house.ask(anna.browser, "GET", "/api/users").json == users.json);

    house.step_up(anna);
    const auto proofs = house.events("stepup.success");
    REQUIRE_FALSE(proofs.empty());
    CHECK(proofs.front().account_name == "anna");
    CHECK(proofs.front().amr == "otp");
    const auto proof = nlohmann::json::parse(proofs.front().leaf_json);
    CHECK(proof["factor"].value("authenticator", "") == app_of(house, "anna"));
    for (const auto& [path, body] : changes) {
        CAPTURE(path);
        const auto done = house.ask(anna.browser, "POST", path, body);
        CHECK_MESSAGE(done.status < 300, done.response.body);
    }
    for (const auto* const type :
         {"user.created",
          "role.assigned",
          "ticket.issued",
          "user.disabled",
          "user.enabled",
          "user.deleted"}) {
        CAPTURE(type);
        const auto told = house.events(type);
        REQUIRE_FALSE(told.empty());
        CHECK(told.front().amr == "otp");
        const auto leaf = nlohmann::json::parse(told.front().leaf_json);
        CHECK(leaf["factor"].value("authenticator", "") == app_of(house, "anna"));
    }

    // The new proof grows old like the first.
    house.clock.advance(5min + 1s);
    for (const auto& [path, body] : changes) {
        CAPTURE(path);
        CHECK(is_step_up_required(house.ask(anna.browser, "POST", path, body)));
    }
}

TEST_CASE("S0-66: each administrative action leaves an event with a person, a time and a source") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    house.register_device("pump-07");
    house.person("erik", "engineer");
    house.step_up(anna);
    const auto change = [&](const std::string& path, const nlohmann::json& body) {
        house.step_up(anna);
        const auto answer = house.ask(anna.browser, "POST", path, body);
        CHECK_MESSAGE(answer.status < 300, answer.response.body);
    };
    change("/api/devices/pump-07/credential", {{"user_name", "service"}, {"password", "infuse-1"}});
    change("/api/devices/pump-07/retire", nullptr);
    change("/api/users/erik/role", {{"role", "approver"}});
    change("/api/users/erik/disable", {{"reason", "left"}});
    change("/api/users/erik/enable", {{"reason", "back"}});
    change(
        "/api/users",
        {{"login_name", "nils"},
         {"display_name", "Nils"},
         {"role", "engineer"},
         {"proofing_method", "in_person"},
         {"proofing_evidence", "identity card"}}
    );
    change("/api/users/nils/ticket", nullptr);
    change("/api/users/erik/delete", {{"reason", "left for good"}});
    for (const auto* const type :
         {"user.created",
          "role.assigned",
          "user.disabled",
          "user.enabled",
          "user.deleted",
          "ticket.issued",
          "device.registered",
          "device.retired",
          "vault.secret_stored"}) {
        CAPTURE(type);
        const auto found = house.events(type);
        REQUIRE(!found.empty());
        CHECK(found.front().account_name == "anna");
        CHECK(found.front().role == "gateway_administrator");
        CHECK(found.front().source == "192.0.2.7");
        CHECK(!found.front().amr.empty());
        CHECK(to_micros(found.front().at) > 0);
    }
}

TEST_CASE("S0-66: the reason that an administrator gives is in the event") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    house.person("erik", "engineer");
    for (const auto& [verb, type] :
         {std::pair{"role", "role.assigned"},
          {"disable", "user.disabled"},
          {"enable", "user.enabled"},
          {"delete", "user.deleted"}}) {
        CAPTURE(verb);
        house.step_up(anna);
        const auto why = std::string("because of ") + verb;
        const auto done = house.ask(
            anna.browser,
            "POST",
            std::string("/api/users/erik/") + verb,
            {{"reason", why}, {"role", "auditor"}}
        );
        REQUIRE_MESSAGE(done.status == 200, done.response.body);
        const auto told = house.events(type);
        REQUIRE_FALSE(told.empty());
        CHECK(nlohmann::json::parse(told.front().leaf_json)["fields"].value("why", "") == why);
    }
}

TEST_CASE("S0-07: no route attaches a permission to a person, whatever is sent along") {
    ApiTestHouse house;
    for (const auto& route : house.router().routes()) {
        CHECK(!route.path.contains("permission"));
    }
    auto& anna = house.administrator();
    auto& erik = house.person("erik", "engineer");
    const std::vector<std::string> wanted{"audit.read", "user.read"};
    const auto has_none_of_them = [&](TestPerson& person) {
        CHECK(house.ask(person.browser, "GET", "/api/session").status == 200);
        CHECK(house.ask(person.browser, "GET", "/api/audit").status == 403);
        CHECK(house.ask(person.browser, "GET", "/api/users").status == 403);
    };

    house.step_up(anna);
    const auto changed = house.ask(
        anna.browser,
        "POST",
        "/api/users/erik/role",
        {{"role", "approver"}, {"permissions", wanted}, {"permission", "audit.read"}}
    );
    CHECK(changed.status == 200);
    CHECK(changed.json.value("role", "") == "approver");
    CHECK_FALSE(changed.json.contains("permissions"));
    house.sign_in(erik);
    has_none_of_them(erik);

    house.step_up(anna);
    const auto created = house.ask(
        anna.browser,
        "POST",
        "/api/users",
        {{"login_name", "nils"},
         {"display_name", "Nils"},
         {"role", "engineer"},
         {"proofing_method", "in_person"},
         {"proofing_evidence", "identity card"},
         {"permissions", wanted},
         {"permission", "audit.read"}}
    );
    REQUIRE_MESSAGE(created.status == 201, created.response.body);
    TestPerson nils;
    nils.name = "nils";
    nils.role = "engineer";
    nils.passphrase = "a bell rings under water nils";
    house.enrol_again(nils, created.json["ticket"]["code"].get<std::string>());
    has_none_of_them(nils);
}

TEST_CASE("S0-07: no table has a place for a permission, and an account has one role") {
    sallyport::test::for_each_engine([](store::Database& database) {
        const auto columns = database.read([&](store::Tx& tx) {
            return tx.query(
                database.engine() == store::Engine::sqlite
                    ? "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c "
                      "WHERE t.type = 'table'"
                    : "SELECT table_name, column_name FROM information_schema.columns "
                      "WHERE table_schema = current_schema()"
            );
        });
        std::size_t roles = 0;
        for (const auto& column : columns) {
            CAPTURE(column.text(0));
            CAPTURE(column.text(1));
            CHECK_FALSE(column.text(0).contains("permission"));
            CHECK_FALSE(column.text(1).contains("permission"));
            if (column.text(0) == "account" && column.text(1) == "role") ++roles;
        }
        CHECK(roles == 1);
    });
}

TEST_CASE("S0-07: what is one's own is all that one's lists hold") {
    ApiTestHouse house;
    house.register_device("pump-07");
    house.register_device("pump-08");
    auto& erik = house.person("erik", "engineer");
    auto& nora = house.person("nora", "engineer");
    auto& paula = house.person("paula", "approver");
    const std::map<TestPerson*, std::string> grants{
        {&erik, house.request_grant(erik, "pump-07")},
        {&nora, house.request_grant(nora, "pump-08")},
    };
    for (const auto& [person, grant] : grants) {
        CAPTURE(person->name);
        const auto seen = house.ask(person->browser, "GET", "/api/grants");
        REQUIRE(seen.status == 200);
        REQUIRE(seen.json["grants"].size() == 1);
        CHECK(seen.json["grants"][0].value("id", "") == grant);
        CHECK(seen.json["grants"][0].value("requester", "") == person->name);

        const auto sessions = house.ask(person->browser, "GET", "/api/sessions");
        REQUIRE(sessions.status == 200);
        REQUIRE(sessions.json["sessions"].size() == 1);
        CHECK(sessions.json["sessions"][0].value("login_name", "") == person->name);
        // Nor does asking for another's help.
        const auto& other = person == &erik ? nora.name : erik.name;
        for (const auto* const filter : {"login_name", "account", "requester", "who"}) {
            const auto asked = std::string("?") + filter + "=" + other;
            CHECK_FALSE(house.ask(person->browser, "GET", "/api/grants" + asked)
                            .response.body.contains(other));
            CHECK_FALSE(house.ask(person->browser, "GET", "/api/sessions" + asked)
                            .response.body.contains(other));
        }
    }
    // Whose role is to see all of them does.
    CHECK(house.ask(paula.browser, "GET", "/api/grants").json["grants"].size() == 2);
    auto& anna = house.administrator();
    CHECK(house.ask(anna.browser, "GET", "/api/sessions").json["sessions"].size() == 4);
    // And another's session is not one's own to end.
    const auto of_nora = house.ask(nora.browser, "GET", "/api/sessions").json["sessions"][0];
    const auto end = "/api/self/sessions/" + of_nora.value("id", "") + "/end";
    CHECK(house.ask(erik.browser, "POST", end).status == 404);
    CHECK(house.ask(nora.browser, "GET", "/api/session").status == 200);
}

TEST_CASE("S0-73: a session token in a URL is refused with 400 and dead from then on") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    const auto token = anna.browser.cookies["__Host-sallyport"];
    REQUIRE(!token.empty());
    Browser other;
    const auto leaked = house.ask(other, "GET", "/api/session?access_token=" + token);
    CHECK(leaked.status == 400);
    CHECK(house.ask(anna.browser, "GET", "/api/session").status == 401);
    CHECK(leaked.json.value("status", 0) == 400);
    const auto alerts = house.events("detect.alert");
    REQUIRE(alerts.size() == 1);
    CHECK(alerts.front().reason == "token_in_url");
    CHECK(!alerts.front().leaf_json.contains(token));
}

TEST_CASE("S0-73: nor in the path") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    const auto token = anna.browser.cookies["__Host-sallyport"];
    Browser other;
    CHECK(house.ask(other, "GET", "/api/grants/" + token).status == 400);
    CHECK(house.ask(anna.browser, "GET", "/api/session").status == 401);
}

TEST_CASE("a method that an address does not take gets 405 with those that it takes") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    http::Request request;
    request.method = "DELETE";
    request.target = request.path = "/api/grants";
    request.host = "sallyport.example.org";
    request.peer = "192.0.2.7";
    request.headers.add("cookie", "__Host-sallyport=" + anna.browser.cookies["__Host-sallyport"]);
    const auto answer = house.send(request);
    CHECK(answer.status == 405);
    CHECK(answer.headers.only("Allow") == "GET, POST");
    CHECK(nlohmann::json::parse(answer.body).value("status", 0) == 405);
}

TEST_CASE("S0-73: tokens that a stranger invents fill no log, and a real one among them still dies"
) {
    ApiTestHouse house;
    auto& anna = house.administrator();
    Browser stranger;
    for (int i = 0; i < 200; ++i) {
        const auto invented = "sp_" + std::string(40, 'A') + std::to_string(100 + i);
        CHECK(house.ask(stranger, "GET", "/api/session?access_token=" + invented).status == 400);
    }
    CHECK(house.events("detect.alert").size() == 1);
    const auto token = anna.browser.cookies["__Host-sallyport"];
    CHECK(house.ask(stranger, "GET", "/api/session?access_token=" + token).status == 400);
    CHECK(house.events("detect.alert").size() == 2);
    CHECK(house.ask(anna.browser, "GET", "/api/session").status == 401);
    house.clock.advance(1min);
    CHECK(house.ask(stranger, "GET", "/api/session?sid=x&token=sp_").status == 400);
    const auto alerts = house.events("detect.alert");
    REQUIRE(alerts.size() == 3);
    CHECK(alerts.front().leaf_json.contains(R"("times":200)"));
}

TEST_CASE("attempts that are turned away unseen are told once a minute, with their number") {
    ApiTestHouse house;
    house.administrator();
    Browser stranger;
    const auto knock = [&] {
        return house.ask(
            stranger,
            "POST",
            "/api/sign-in",
            {{"login_name", "nobody"}, {"passphrase", "no such thing"}}
        );
    };
    for (int i = 0; i < 5; ++i) {
        CHECK(knock().status == 200);
    }
    for (int i = 0; i < 100; ++i) {
        CHECK(knock().status == 429);
    }
    CHECK(house.events("authn.throttled").size() == 1);
    CHECK(house.events("authn.failure").size() == 5);
}

TEST_CASE("a form from another site, or without the session's token, changes nothing") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    const auto csrf = anna.browser.csrf;
    anna.browser.csrf = "wrong";
    const auto without = house.ask(anna.browser, "POST", "/api/session/end");
    CHECK(without.status == 403);
    CHECK(without.json.value("reason", "") == "csrf.token");
    anna.browser.csrf = csrf;

    http::Request foreign;
    foreign.method = "POST";
    foreign.target = foreign.path = "/api/session/end";
    foreign.host = "sallyport.example.org";
    foreign.peer = "192.0.2.7";
    foreign.headers.add("origin", "https://evil.example.com");
    foreign.headers.add("content-type", "application/x-www-form-urlencoded");
    foreign.headers.add("cookie", "__Host-sallyport=" + anna.browser.cookies["__Host-sallyport"]);
    foreign.body = "csrf=" + csrf;
    CHECK(house.send(foreign).status == 403);
    CHECK(house.ask(anna.browser, "GET", "/api/session").status == 200);
}

TEST_CASE("a log that is not trustworthy lets people look and changes nothing") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    house.read_only = true;
    CHECK(house.ask(anna.browser, "GET", "/api/users").status == 200);
    const auto refused = house.ask(
        anna.browser,
        "POST",
        "/api/users",
        {{"login_name", "nils"}, {"display_name", "Nils"}, {"role", "engineer"}}
    );
    CHECK(refused.status == 403);
    CHECK(refused.json.value("reason", "") == "audit.read_only");
}

TEST_CASE("a role change ends the person's sessions at once") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& erik = house.person("erik", "engineer");
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 200);
    house.step_up(anna);
    const auto changed =
        house.ask(anna.browser, "POST", "/api/users/erik/role", {{"role", "auditor"}});
    CHECK(changed.status == 200);
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 401);
}

TEST_CASE("the notice says who may look, how long it is kept and why; its version is on record") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    const auto page = house.ask(erik.browser, "GET", "/notice");
    CHECK(page.status == 200);
    for (const auto* const said :
         {"approvers, security officers and auditors",
          "90 days at hand and 7 years in the archive",
          "to protect patients, devices and you"}) {
        CHECK_MESSAGE(page.response.body.contains(said), said);
    }
    const auto version = house.ask(erik.browser, "POST", "/api/notice").json.value("accepted", "");
    CHECK_FALSE(version.empty());
    const auto accepted = house.events("notice.accepted");
    REQUIRE(accepted.size() == 1);
    CHECK(accepted.front().account_name == "erik");
    CHECK(nlohmann::json::parse(accepted.front().leaf_json)["fields"]["version"] == version);
    // An older page can't accept a newer text.
    const auto older = house.ask(erik.browser, "POST", "/api/notice", {{"version", "0"}});
    CHECK(older.status == 409);
}

TEST_CASE("S0-71: an entry whose declaration is not whole or not true is refused") {
    const Handler handler = [](store::Tx&, const Call&) -> Result<Reply> { return nothing(); };
    const auto fault_of = [&](auto change) -> std::string {
        Route route{
            .method = "POST",
            .path = "/api/more",
            .access = Access::session,
            .permission = policy::Permission::self_manage,
            .event = "notice.accepted",
            .kind = Kind::write,
            .handler = handler
        };
        change(route);
        try {
            ApiTestHouse house({route});
        } catch (const Fault& fault) {
            return fault.what();
        }
        return "";
    };
    CHECK(fault_of([](Route&) {}).empty());
    // A change without an event, also behind GET; an event that is none.
    CHECK(fault_of([](Route& route) { route.event = "-"; }).contains("names no audit event"));
    CHECK(fault_of([](Route& route) { route.event = ""; }).contains("names no audit event"));
    CHECK(fault_of([](Route& route) {
              route.method = "GET";
              route.event = "-";
          }).contains("names no audit event"));
    CHECK(fault_of([](Route& route) { route.event = "notice.acepted"; }
    ).contains("that the catalogue does not have"));
    // A permission that always asks for step-up, behind an entry that does not say so.
    CHECK(fault_of([](Route& route) { route.permission = policy::Permission::user_manage; }
    ).contains("does not say that its permission asks for step-up"));
    CHECK(fault_of([](Route& route) {
              route.access = Access::open;
              route.permission.reset();
              route.step_up = StepUp::yes;
          }).contains("asks for step-up without a session"));
    CHECK(fault_of([](Route& route) { route.handler = nullptr; }).contains("exactly one handler"));
}

}  // namespace

}  // namespace sallyport::api::test
