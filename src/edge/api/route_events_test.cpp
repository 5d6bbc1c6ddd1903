// Every route that says it leaves an event is called, with success, and the log is looked at: one
// event of that type, by that person, at that time. (Those about a visit need a device: they are
// called in tests/e2e.)

#include "tests/support/people.h"
#include "tests/support/phone.h"

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

// What one route is called with, and by whom.
struct Call {
    TestPerson* who;
    std::string path;
    nlohmann::json body = nullptr;
};

class Ward {
public:
    Ward() {
        house.register_device("pump-07");
        house.register_device("pump-08");
    }

    Call as_administrator(std::string path, nlohmann::json body = nullptr) {
        return {&anna, std::move(path), std::move(body)};
    }

    void group(const std::string& name) {
        house.step_up(anna);
        const auto made = house.ask(anna.browser, "POST", "/api/device-groups", {{"name", name}});
        REQUIRE_MESSAGE(made.status == 201, made.response.body);
    }

    std::string grant() {
        if (house.ask(erik.browser, "GET", "/api/session").status != 200) house.sign_in(erik);
        return house.request_grant(erik, "pump-08");
    }

    std::string approved_grant() {
        const auto id = grant();
        house.step_up(paula);
        const auto approved = house.ask(
            paula.browser, "POST", "/api/grants/" + id + "/approve", {{"reason", "planned"}}
        );
        REQUIRE_MESSAGE(approved.status == 200, approved.response.body);
        return id;
    }

    // A proposal by `by`, undecided.
    std::string proposal(TestPerson& by) {
        const auto made = house.ask(by.browser, "POST", "/api/policy/proposals", shorter_idle(by));
        REQUIRE_MESSAGE(made.status == 201, made.response.body);
        return std::to_string(made.json["version"].get<int>());
    }

    nlohmann::json shorter_idle(TestPerson& by) {
        auto wanted = house.ask(by.browser, "GET", "/api/policy").json;
        wanted["version"] = wanted["version"].get<int>() + ++proposals_;
        wanted["roles"][0]["idle_seconds"] = 600 + proposals_;
        return {{"policy", wanted}, {"rationale", "shorter while we try"}};
    }

    std::string session_of(TestPerson& person) {
        house.sign_in(person);
        const auto sessions = house.ask(person.browser, "GET", "/api/sessions").json["sessions"];
        for (const auto& each : sessions) {
            if (each["login_name"] == person.name) return each["id"].get<std::string>();
        }
        FAIL("no session");
        return {};
    }

    // Of the authenticator app of somebody.
    std::string app_of(const std::string& name) {
        const auto found =
            house.ask(anna.browser, "GET", "/api/users/" + name + "/authenticators").json;
        for (const auto& each : found["authenticators"]) {
            if (each["kind"] == "totp") return each["id"].get<std::string>();
        }
        FAIL("no app");
        return {};
    }

    // Of Erik's, made and not yet proven: its id, and the code that it shows now.
    std::pair<std::string, std::string> unproven_app() {
        house.step_up(erik);
        const auto made =
            house.ask(erik.browser, "POST", "/api/self/authenticators/totp", {{"label", "Tablet"}});
        REQUIRE_MESSAGE(made.status == 201, made.response.body);
        const auto seed =
            sallyport::test::seed_typed_in(made.json["totp"]["secret"].get<std::string>());
        return {
            made.json["id"].get<std::string>(),
            authn::totp_code(seed, authn::totp_step(house.clock.now())),
        };
    }

    // What Erik's browser answers when it is asked to make a key.
    nlohmann::json new_key() {
        house.step_up(erik);
        const auto options =
            house.ask(erik.browser, "POST", "/api/self/authenticators/webauthn/options");
        REQUIRE_MESSAGE(options.status == 200, options.response.body);
        auto answer =
            sallyport::test::SoftwareKey("https://sallyport.example.org").create(options.json);
        answer["label"] = "Key ring";
        return answer;
    }

    // What his key answers when he is asked who he is.
    nlohmann::json key_shown() {
        house.add_key(erik);
        const auto options = house.ask(erik.browser, "GET", "/api/step-up/key");
        REQUIRE_MESSAGE(options.status == 200, options.response.body);
        return erik.key->get(options.json);
    }

    // A phone that erik began to add, and what proves its key.
    Call unproven_phone() {
        house.step_up(erik);
        const auto made =
            house.ask(erik.browser, "POST", "/api/self/authenticators/push", {{"label", "Phone"}});
        REQUIRE_MESSAGE(made.status == 201, made.response.body);
        const sallyport::test::Phone phone("https://sallyport.example.org");
        const auto id = AuthenticatorId::parse(made.json["id"].get<std::string>()).value();
        const auto challenge = from_base64url(made.json["challenge"].get<std::string>()).value();
        return {
            &erik,
            "/api/self/authenticators/" + id.text() + "/prove",
            {{"public_key", to_base64url(phone.spki())},
             {"signature", to_base64url(phone.enrol(id, challenge))},
             {"training_read", made.json["training_version"]}},
        };
    }

    std::string second_app() {
        const auto [id, code] = unproven_app();
        const auto path = "/api/self/authenticators/" + id + "/confirm";
        REQUIRE(house.ask(erik.browser, "POST", path, {{"code", code}}).status == 200);
        return id;
    }

    std::string some_event() { return house.events("user.created").front().id.text(); }

    ApiTestHouse house;
    TestPerson& anna = house.administrator();
    TestPerson& erik = house.person("erik", "engineer");
    TestPerson& paula = house.person("paula", "approver");
    TestPerson& otto = house.person("otto", "auditor");
    TestPerson& sam = house.person("sam", "security_officer");

private:
    int proposals_ = 0;
};

using Prepare = std::function<Call(Ward&)>;

// Those about identities, tickets and authenticators.
void add_authenticators(std::map<std::string, Prepare>& all) {
    all["POST /api/users/{name}/ticket"] = [](Ward& ward) {
        const auto made = ward.as_administrator(
            "/api/users",
            {{"login_name", "nils"},
             {"display_name", "Nils"},
             {"role", "engineer"},
             {"proofing_method", "in_person"},
             {"proofing_evidence", "identity card"}}
        );
        ward.house.step_up(ward.anna);
        REQUIRE(ward.house.ask(ward.anna.browser, "POST", made.path, made.body).status == 201);
        return ward.as_administrator("/api/users/nils/ticket");
    };
    all["POST /api/users/{name}/proofing"] = [](Ward& ward) {
        return ward.as_administrator(
            "/api/users/erik/proofing",
            {{"proofing_method", "employment_record"}, {"proofing_evidence", "work permit"}}
        );
    };
    all["POST /api/users/{name}/mail"] = [](Ward& ward) {
        return ward.as_administrator(
            "/api/users/erik/mail", {{"mail_address", "erik@example.org"}}
        );
    };
    all["POST /api/users/{name}/authenticators/{id}/revoke"] = [](Ward& ward) {
        const auto id = ward.app_of("erik");
        return ward.as_administrator(
            "/api/users/erik/authenticators/" + id + "/revoke", {{"cause", "lost"}}
        );
    };
    all["POST /api/users/{name}/authenticators/{id}/expiry"] = [](Ward& ward) {
        const auto id = ward.app_of("erik");
        const auto end = to_text(ward.house.clock.now() + std::chrono::hours(24));
        return ward.as_administrator(
            "/api/users/erik/authenticators/" + id + "/expiry", {{"expires_at", end}}
        );
    };
    all["POST /api/users/{name}/authenticators/{id}/suspend"] = [](Ward& ward) {
        const auto path = "/api/users/erik/authenticators/" + ward.app_of("erik") + "/suspend";
        return ward.as_administrator(path, nlohmann::json::object());
    };
    all["POST /api/users/{name}/authenticators/{id}/resume"] = [](Ward& ward) {
        const auto path = "/api/users/erik/authenticators/" + ward.app_of("erik");
        const auto none = nlohmann::json::object();
        ward.house.step_up(ward.anna);
        const auto before = ward.house.ask(ward.anna.browser, "POST", path + "/suspend", none);
        REQUIRE_MESSAGE(before.status == 200, before.response.body);
        return ward.as_administrator(path + "/resume", none);
    };
    all["POST /api/self/authenticators/totp"] = [](Ward& ward) {
        return Call{&ward.erik, "/api/self/authenticators/totp", {{"label", "Tablet"}}};
    };
    all["POST /api/self/authenticators/webauthn/options"] = [](Ward& ward) {
        return Call{
            &ward.erik, "/api/self/authenticators/webauthn/options", nlohmann::json::object()
        };
    };
    all["POST /api/self/authenticators/webauthn"] = [](Ward& ward) {
        return Call{&ward.erik, "/api/self/authenticators/webauthn", ward.new_key()};
    };
    all["POST /api/self/authenticators/{id}/confirm"] = [](Ward& ward) {
        const auto [id, code] = ward.unproven_app();
        return Call{&ward.erik, "/api/self/authenticators/" + id + "/confirm", {{"code", code}}};
    };
    all["POST /api/self/authenticators/push"] = [](Ward& ward) {
        return Call{&ward.erik, "/api/self/authenticators/push", {{"label", "Phone"}}};
    };
    all["POST /api/self/authenticators/{id}/prove"] = [](Ward& ward) {
        return ward.unproven_phone();
    };
    all["POST /api/self/authenticators/{id}/rename"] = [](Ward& ward) {
        const auto path = "/api/self/authenticators/" + ward.app_of("erik") + "/rename";
        return Call{&ward.erik, path, {{"label", "The phone in my coat"}}};
    };
    all["POST /api/self/authenticators/{id}/suspend"] = [](Ward& ward) {
        const auto path = "/api/self/authenticators/" + ward.app_of("erik") + "/suspend";
        return Call{&ward.erik, path, nlohmann::json::object()};
    };
    all["POST /api/self/authenticators/{id}/resume"] = [](Ward& ward) {
        const auto path = "/api/self/authenticators/" + ward.second_app() + "/";
        ward.house.step_up(ward.erik);
        const auto none = nlohmann::json::object();
        REQUIRE(ward.house.ask(ward.erik.browser, "POST", path + "suspend", none).status == 200);
        return Call{&ward.erik, path + "resume", none};
    };
    all["POST /api/self/authenticators/{id}/revoke"] = [](Ward& ward) {
        const auto path = "/api/self/authenticators/" + ward.second_app() + "/revoke";
        return Call{&ward.erik, path, nlohmann::json::object()};
    };
    const auto asked = [](Ward& ward) {
        ward.house.step_up(ward.erik);
        const nlohmann::json why{{"reason", "the paper is lost"}};
        const auto made = ward.house.ask(ward.erik.browser, "POST", "/api/self/extra-codes", why);
        REQUIRE_MESSAGE(made.status == 201, made.response.body);
    };
    all["POST /api/self/extra-codes"] = [](Ward& ward) {
        return Call{&ward.erik, "/api/self/extra-codes", {{"reason", "the paper is lost"}}};
    };
    for (const std::string verb : {"approve", "refuse"}) {
        all["POST /api/extra-codes/{name}/" + verb] = [asked, verb](Ward& ward) {
            asked(ward);
            return ward.as_administrator("/api/extra-codes/erik/" + verb);
        };
    }
    all["POST /api/self/passphrase"] = [](Ward& ward) {
        const nlohmann::json chosen{{"passphrase", "a kettle sings in the attic"}};
        return Call{&ward.erik, "/api/self/passphrase", chosen};
    };
    all["POST /api/self/passphrase/remove"] = [](Ward& ward) {
        ward.house.add_key(ward.erik);
        ward.house.add_key(ward.erik);
        return Call{&ward.erik, "/api/self/passphrase/remove", nlohmann::json::object()};
    };
    all["POST /api/self/recovery-codes"] = [asked](Ward& ward) {
        asked(ward);
        ward.house.step_up(ward.anna);
        const auto path = "/api/extra-codes/erik/approve";
        REQUIRE(ward.house.ask(ward.anna.browser, "POST", path).status == 200);
        return Call{&ward.erik, "/api/self/recovery-codes", nlohmann::json::object()};
    };
    all["POST /api/self/notices/read"] = [](Ward& ward) {
        return Call{
            &ward.erik, "/api/self/notices/read", {{"up_to", to_text(ward.house.clock.now())}}
        };
    };
}

// Recovery takes two people besides its holder, neither of whom issued the other's factors.
void add_recovery(std::map<std::string, Prepare>& all) {
    const auto open = [](Ward& ward) {
        auto& bert = ward.house.person("bert", "gateway_administrator");
        ward.house.step_up(bert);
        const auto opened = ward.house.ask(
            bert.browser,
            "POST",
            "/api/recovery",
            {{"login_name", "erik"}, {"checks", {"called_back"}}}
        );
        REQUIRE_MESSAGE(opened.status == 201, opened.response.body);
        return "/api/recovery/" + opened.json["id"].get<std::string>();
    };
    all["POST /api/recovery"] = [](Ward& ward) {
        return ward.as_administrator(
            "/api/recovery", {{"login_name", "erik"}, {"checks", {"called_back"}}}
        );
    };
    all["POST /api/recovery/{id}/approve"] = [open](Ward& ward) {
        return Call{&ward.sam, open(ward) + "/approve"};
    };
    all["POST /api/recovery/{id}/refuse"] = [open](Ward& ward) {
        return Call{&ward.sam, open(ward) + "/refuse", {{"reason", "not them"}}};
    };
}

void add_reports(std::map<std::string, Prepare>& all) {
    const auto reported = [](Ward& ward) {
        const auto made =
            ward.house.ask(ward.erik.browser, "POST", "/api/self/incidents", {{"said", "not me"}});
        REQUIRE_MESSAGE(made.status == 201, made.response.body);
        return made.json["id"].get<std::string>();
    };
    all["POST /api/self/incidents"] = [](Ward& ward) {
        return Call{&ward.erik, "/api/self/incidents", {{"said", "not me"}}};
    };
    all["GET /api/incidents/{id}"] = [reported](Ward& ward) {
        return Call{&ward.sam, "/api/incidents/" + reported(ward)};
    };
    all["GET /incidents/{id}"] = [reported](Ward& ward) {
        return Call{&ward.sam, "/incidents/" + reported(ward)};
    };
    all["POST /api/incidents/{id}/close"] = [reported](Ward& ward) {
        const auto path = "/api/incidents/" + reported(ward) + "/close";
        return Call{&ward.sam, path, {{"reason", "it was a colleague"}}};
    };
    all["POST /api/users/{name}/compromised"] = [](Ward& ward) {
        return ward.as_administrator("/api/users/otto/compromised");
    };
}

void add_devices_and_policy(std::map<std::string, Prepare>& all) {
    all["POST /api/workstations/posture"] = [](Ward& ward) {
        const nlohmann::json report{
            {"workstation", "ward-3-a"},
            {"disk_encrypted", true},
            {"os", "windows"},
            {"os_version", "10.0.22631"},
            {"reported_at", to_text(ward.house.clock.now())},
        };
        return ward.as_administrator("/api/workstations/posture", {{"reports", report.dump()}});
    };
    all["POST /api/devices"] = [](Ward& ward) {
        return ward.as_administrator(
            "/api/devices",
            {{"name", "pump-09"},
             {"serial", "SN-9"},
             {"address", "127.0.0.1"},
             {"port", 18080},
             {"archetype", "A2"},
             {"ephi", "none"}}
        );
    };
    all["POST /api/devices/{name}/place"] = [](Ward& ward) {
        return ward.as_administrator(
            "/api/devices/pump-07/place",
            {{"address", "127.0.0.1"}, {"port", 18081}, {"ward", "ICU 2"}, {"ephi", "RT"}}
        );
    };
    all["POST /api/device-groups"] = [](Ward& ward) {
        return ward.as_administrator("/api/device-groups", {{"name", "pumps"}});
    };
    all["POST /api/device-groups/{name}"] = [](Ward& ward) {
        ward.group("pumps");
        return ward.as_administrator("/api/device-groups/pumps", {{"deployed", 240}});
    };
    all["POST /api/device-groups/{name}/import"] = [](Ward& ward) {
        ward.group("pumps");
        return ward.as_administrator(
            "/api/device-groups/pumps/import",
            {{"csv", "name,serial,address,port,archetype,ephi\npump-1,S1,127.0.0.1,18083,A2,none\n"}
            }
        );
    };
    all["POST /api/device-groups/{name}/try-import"] = [](Ward& ward) {
        ward.group("pumps");
        return ward.as_administrator(
            "/api/device-groups/pumps/try-import", {{"csv", "name,serial,address,archetype,ephi\n"}}
        );
    };
    all["POST /api/devices/{name}/profile"] = [](Ward& ward) {
        const auto devices = ward.house.ask(ward.anna.browser, "GET", "/api/devices").json;
        auto changed = devices["devices"][0]["profile"];
        changed["answer_timeout_seconds"] = 12;
        return ward.as_administrator(
            "/api/devices/" + devices["devices"][0]["name"].get<std::string>() + "/profile",
            {{"profile", changed}}
        );
    };
    all["POST /api/devices/{name}/retire"] = [](Ward& ward) {
        return ward.as_administrator("/api/devices/pump-07/retire");
    };
    all["POST /api/devices/{name}/credential"] = [](Ward& ward) {
        return ward.as_administrator(
            "/api/devices/pump-07/credential",
            {{"user_name", "service"}, {"password", "infuse-2009"}}
        );
    };
    all["POST /api/policy/proposals"] = [](Ward& ward) {
        return Call{&ward.sam, "/api/policy/proposals", ward.shorter_idle(ward.sam)};
    };
    for (const std::string verb : {"approve", "reject"}) {
        all["POST /api/policy/proposals/{version}/" + verb] = [verb](Ward& ward) {
            const auto version = ward.proposal(ward.sam);
            return Call{&ward.paula, "/api/policy/proposals/" + version + "/" + verb};
        };
    }
}

void add_sessions(std::map<std::string, Prepare>& all) {
    all["POST /api/sessions/{id}/end"] = [](Ward& ward) {
        return ward.as_administrator("/api/sessions/" + ward.session_of(ward.erik) + "/end");
    };
    all["POST /api/self/sessions/end-others"] = [](Ward& ward) {
        ward.house.sign_in(ward.erik);
        return Call{&ward.erik, "/api/self/sessions/end-others"};
    };
    all["POST /api/self/sessions/{id}/end"] = [](Ward& ward) {
        const auto id = ward.session_of(ward.erik);
        return Call{&ward.erik, "/api/self/sessions/" + id + "/end"};
    };
    all["POST /api/session/end"] = [](Ward& ward) { return Call{&ward.erik, "/api/session/end"}; };
}

// For each route with an event, how it comes to succeed. `decider` of a policy is filled in below.
std::map<std::string, Prepare> successes() {
    const nlohmann::json why{{"reason", "planned"}};
    std::map<std::string, Prepare> all;
    all["POST /api/users"] = [](Ward& ward) {
        return ward.as_administrator(
            "/api/users", {{"login_name", "new"}, {"display_name", "New"}, {"role", "engineer"}}
        );
    };
    add_authenticators(all);
    add_recovery(all);
    add_reports(all);
    all["POST /api/users/{name}/role"] = [](Ward& ward) {
        return ward.as_administrator("/api/users/erik/role", {{"role", "auditor"}});
    };
    all["POST /api/users/{name}/disable"] = [why](Ward& ward) {
        return ward.as_administrator("/api/users/erik/disable", why);
    };
    all["POST /api/users/{name}/enable"] = [why](Ward& ward) {
        ward.house.step_up(ward.anna);
        REQUIRE(
            ward.house.ask(ward.anna.browser, "POST", "/api/users/erik/disable", why).status == 200
        );
        return ward.as_administrator("/api/users/erik/enable", why);
    };
    all["POST /api/users/{name}/delete"] = [why](Ward& ward) {
        return ward.as_administrator("/api/users/erik/delete", why);
    };
    add_devices_and_policy(all);
    all["POST /api/grants"] = [](Ward& ward) {
        const auto now = ward.house.clock.now();
        return Call{
            &ward.erik,
            "/api/grants",
            {{"device", "pump-07"},
             {"purpose", "Quarterly check of the sensor"},
             {"change_ticket", "CHG-1042"},
             {"from", to_text(now)},
             {"until", to_text(now + 1h)}}
        };
    };
    for (const std::string verb : {"approve", "deny"}) {
        all["POST /api/grants/{id}/" + verb] = [verb, why](Ward& ward) {
            return Call{&ward.paula, "/api/grants/" + ward.grant() + "/" + verb, why};
        };
    }
    all["POST /api/grants/{id}/revoke"] = [why](Ward& ward) {
        return Call{&ward.paula, "/api/grants/" + ward.approved_grant() + "/revoke", why};
    };
    add_sessions(all);
    all["POST /api/step-up"] = [](Ward& ward) {
        return Call{&ward.erik, "/api/step-up", {{"code", "the next one"}}};
    };
    all["POST /api/step-up/key"] = [](Ward& ward) {
        return Call{&ward.erik, "/api/step-up/key", ward.key_shown()};
    };
    all["POST /api/cli-sign-in"] = [](Ward& ward) {
        const std::string word(43, 'A');
        return Call{
            &ward.erik,
            "/api/cli-sign-in",
            {{"port", "40000"}, {"challenge", word}, {"state", word}}
        };
    };
    all["POST /api/notice"] = [](Ward& ward) { return Call{&ward.erik, "/api/notice"}; };
    all["POST /api/handoff"] = [](Ward& ward) {
        (void)ward.approved_grant();
        REQUIRE(ward.house.ask(ward.erik.browser, "POST", "/api/notice").status == 200);
        const auto query = "host=pump-08.gate.example.net&nonce=" + std::string(43, 'A');
        return Call{
            &ward.erik, "/api/handoff?" + query, ward.house.handoff_proof(ward.erik.browser, query)
        };
    };
    all["POST /api/backups"] = [](Ward& ward) { return ward.as_administrator("/api/backups"); };
    all["GET /api/audit"] = [](Ward& ward) { return Call{&ward.otto, "/api/audit?type=user."}; };
    all["GET /audit"] = [](Ward& ward) { return Call{&ward.otto, "/audit?type=user."}; };
    all["GET /api/audit/{id}"] = [](Ward& ward) {
        return Call{&ward.otto, "/api/audit/" + ward.some_event()};
    };
    all["POST /api/audit/export"] = [](Ward& ward) {
        return Call{&ward.otto, "/api/audit/export", {{"type", "user."}}};
    };
    return all;
}

// These look at, end or take away a visit: tests/e2e calls them behind a pump. Workstations need
// zones: unlock_routes_test.cpp and badge_routes_test.cpp call theirs. Cards need a card host:
// card_routes_test.cpp has one. Passphrases and phones confirm in step_up_routes_test.cpp and
// phone_routes_test.cpp.
const std::set<std::string> about_a_visit{
    "POST /api/step-up/passphrase",
    "POST /api/step-up/push",
    "POST /api/step-up/push/finish",
    "POST /api/step-up/card",
    "GET /step-up/card",
    "POST /api/self/authenticators/certificate",
    "GET /security/card",
    "POST /api/workstations/certificate",
    "GET /workstations/certificate",
    "POST /api/workstations",
    "POST /api/workstations/{id}/remove",
    "POST /api/workstations/{id}/badge-reader",
    "POST /api/self/authenticators/badge",
    "POST /api/self/authenticators/{id}/pin",
    "POST /api/connections/{id}/end",
    "GET /api/recordings/{id}",
    "GET /recordings/{id}",
    "POST /api/recordings/{id}/export",
};

void check_event(const audit::Entry& event, const TestPerson& who, Time now) {
    CHECK(event.account_name == who.name);
    CHECK(event.role == who.role);
    CHECK(event.source == "192.0.2.7");
    CHECK(event.at == now);
    const auto leaf = nlohmann::json::parse(event.leaf_json);
    CHECK(leaf["who"].contains("person"));
    CHECK(leaf["who"].contains("account"));
    CHECK_FALSE(leaf["who"].contains("system"));
    CHECK(leaf["at"] == to_micros(now));
    CHECK(leaf.value("clock", "") == "synchronised");
    CHECK(leaf["where"]["workstation"] == "unregistered");
    CHECK(leaf["where"]["zone"] == "unzoned");
    CHECK(leaf["outcome"] == "success");
    CHECK_FALSE(leaf["factor"]["amr"].get<std::string>().empty());
    CHECK_FALSE(leaf["factor"]["authenticator"].get<std::string>().empty());
}

TEST_CASE("S0-66: each route that changes or shows something leaves its event, by its person") {
    const auto all = successes();
    std::vector<std::string> routes;
    std::map<std::string, std::string> events;
    {
        ApiTestHouse house;
        for (const auto& route : house.router().routes()) {
            if (route.access != Access::session || route.event == "-") continue;
            const auto name = std::string(route.method) + " " + std::string(route.path);
            events[name] = route.event;
            if (!about_a_visit.contains(name)) routes.push_back(name);
        }
    }
    for (const auto& name : about_a_visit) {
        CHECK(events.contains(name));
    }
    CHECK(routes.size() == all.size());
    for (const auto& name : routes) {
        CAPTURE(name);
        REQUIRE_MESSAGE(all.contains(name), "this test does not know how to call " << name);
        Ward ward;
        auto call = all.at(name)(ward);
        auto& who = *call.who;
        if (ward.house.ask(who.browser, "GET", "/api/session").status != 200) {
            ward.house.sign_in(who);
        }
        if (!name.starts_with("POST /api/step-up")) ward.house.step_up(who);
        if (name == "POST /api/step-up") call.body["code"] = ward.house.code(who);
        const auto method = name.substr(0, name.find(' '));
        const auto before = ward.house.events(events.at(name)).size();
        const auto answer = ward.house.ask(who.browser, method, call.path, call.body);
        CHECK_MESSAGE(answer.status < 400, answer.response.body);
        const auto left = ward.house.events(events.at(name));
        REQUIRE(left.size() == before + 1);
        const auto newest = std::ranges::max_element(left, {}, &audit::Entry::at);
        check_event(*newest, who, ward.house.clock.now());
    }
}

// Whoever typed a name that nobody has is known by that name's MAC and by the source alone.
bool is_of_nobody(const nlohmann::json& leaf) {
    const auto object = leaf["what"]["object"].get<std::string>();
    const bool failed = leaf["type"] == "authn.failure" || leaf["type"] == "authn.throttled";
    return failed && (object.starts_with("name:") || object == "source");
}

TEST_CASE("S1-88: every authentication event names person, factor, time, address, place and zone") {
    Ward ward;
    auto& house = ward.house;
    // Right and wrong, known and unknown, replayed, slowed down, stepped up, by the command line.
    house.sign_in(ward.erik);
    Browser stranger;
    for (const auto* const name : {"erik", "nobody.here"}) {
        (void)house.ask(
            stranger, "POST", "/api/sign-in", {{"login_name", name}, {"passphrase", "wrong"}}
        );
        (void)house.ask(stranger, "POST", "/api/sign-in/code", {{"code", "000000"}});
    }
    (void)house.ask(ward.erik.browser, "POST", "/api/step-up", {{"code", "000000"}});
    house.step_up(ward.erik);
    house.clock.advance(5min + 1s);
    house.sign_in(ward.anna);
    house.clock.advance(5min + 1s);
    (void)house.ask(ward.anna.browser, "POST", "/api/users", {{"login_name", "x"}});
    const nlohmann::json right{{"login_name", "otto"}, {"passphrase", ward.otto.passphrase}};
    const auto code = house.code(ward.otto);
    for (int i = 0; i < 2; ++i) {
        house.clock.advance(1s);
        (void)house.ask(stranger, "POST", "/api/sign-in", right);
        (void)house.ask(stranger, "POST", "/api/sign-in/code", {{"code", code}});
    }
    for (int i = 0; i < 7; ++i) {
        (void)house.ask(
            stranger, "POST", "/api/sign-in", {{"login_name", "sam"}, {"passphrase", "wrong"}}
        );
    }

    std::set<std::string> types;
    int of_nobody = 0;
    for (const auto* const prefix : {"authn.", "stepup.", "session.created"}) {
        for (const auto& event : house.events(prefix)) {
            CAPTURE(event.type);
            types.insert(event.type);
            const auto leaf = nlohmann::json::parse(event.leaf_json);
            CHECK(leaf["at"].get<std::int64_t>() > 0);
            CHECK(leaf["clock"] == "synchronised");
            CHECK_FALSE(event.source.empty());
            for (const auto* const member : {"channel", "node", "source", "workstation", "zone"}) {
                CHECK(leaf["where"].contains(member));
            }
            CHECK(leaf["what"].contains("object"));
            CHECK(leaf.contains("outcome"));
            if (is_of_nobody(leaf)) {
                ++of_nobody;
                continue;
            }
            CHECK_FALSE(event.account_name.empty());
            CHECK(leaf["who"].contains("person"));
            CHECK(leaf["who"].contains("account"));
            CHECK_FALSE(leaf["factor"]["amr"].get<std::string>().empty());
            CHECK_FALSE(leaf["factor"]["authenticator"].get<std::string>().empty());
        }
    }
    CHECK(of_nobody == 1);  // "nobody.here"
    for (const auto* const type :
         {"authn.success",
          "authn.failure",
          "authn.mfa_prompt",
          "authn.replay_detected",
          "authn.throttled",
          "stepup.required",
          "stepup.success",
          "stepup.failure",
          "session.created"}) {
        CHECK_MESSAGE(types.contains(type), type);
    }
}

}  // namespace

}  // namespace sallyport::api::test
