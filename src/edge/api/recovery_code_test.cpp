// Recovery codes at the door: they give back access and elevate nothing (docs/adr/0010).

#include "domain/policy/policy.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;
using sallyport::test::SoftwareKey;

const std::string origin = "https://sallyport.example.org";

// Passphrase and recovery code, in a browser of its own.
Answer sign_in_with_code(ApiTestHouse& house, TestPerson& person, const std::string& code) {
    person.browser = {};
    const nlohmann::json first{{"login_name", person.name}, {"passphrase", person.passphrase}};
    const auto answer = house.ask(person.browser, "POST", "/api/sign-in", first);
    REQUIRE_MESSAGE(answer.status == 200, answer.response.body);
    return house.ask(person.browser, "POST", "/api/sign-in/code", {{"code", code}});
}

std::int64_t codes_left(ApiTestHouse& house, const std::string& name) {
    auto& anna = house.administrator();
    if (house.ask(anna.browser, "GET", "/api/session").status != 200) house.sign_in(anna);
    const auto all = house.ask(anna.browser, "GET", "/api/users/" + name + "/authenticators").json;
    for (const auto& each : all["authenticators"]) {
        if (each["kind"] == "recovery_codes" && each["state"] == "active") return each["left"];
    }
    return -1;
}

std::string reason_of(const Answer& answer) {
    return answer.status < 300 ? "ok" : answer.json.value("reason", "");
}

// With something in each placeholder.
std::string filled(std::string path) {
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
        path.replace(open, path.find('}') - open + 1, "0193a5b0-0000-7000-8000-000000000001");
    }
    return path;
}

bool is_about_oneself(const Route& route) {
    return route.permission == policy::Permission::self_read ||
           route.permission == policy::Permission::self_manage;
}

// Whether a session that a recovery code opened has to show a real factor first.
bool is_elevated(const Route& route) {
    return !is_about_oneself(route) ||
           (route.step_up == StepUp::yes && !route.recovery_code_counts);
}

TEST_CASE("S1-39 (part): codes issued before work at this node, once; more need a second person") {
    // No identity provider, no push service, no internet: the house has none of them.
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& nora = house.person(house.person("clark", "clinical_administrator"), "nora", "clinician");
    REQUIRE(nora.recovery_codes.size() == 10);
    CHECK(sign_in_with_code(house, nora, nora.recovery_codes[3]).status == 200);
    const auto used = house.events("cred.recovery_code_used");
    REQUIRE(used.size() == 1);
    CHECK(used.front().account_name == "nora");
    CHECK(nlohmann::json::parse(used.front().leaf_json)["fields"]["left"] == 9);
    CHECK(codes_left(house, "nora") == 9);
    CHECK(sign_in_with_code(house, nora, nora.recovery_codes[3]).status == 401);

    house.sign_in(nora);
    const nlohmann::json why{{"reason", "the paper is lost"}};
    CHECK(
        reason_of(house.ask(nora.browser, "POST", "/api/self/recovery-codes")) ==
        "extra_codes.not_approved"
    );
    REQUIRE(house.ask(nora.browser, "POST", "/api/self/extra-codes", why).status == 201);
    CHECK(
        reason_of(house.ask(nora.browser, "POST", "/api/self/extra-codes", why)) ==
        "extra_codes.already_asked"
    );
    CHECK(
        reason_of(house.ask(nora.browser, "POST", "/api/self/recovery-codes")) ==
        "extra_codes.not_approved"
    );
    auto& clark = house.person("sid", "security_officer");
    house.step_up(clark);
    const auto agreed = house.ask(clark.browser, "POST", "/api/extra-codes/nora/approve");
    REQUIRE_MESSAGE(agreed.status == 200, agreed.response.body);
    CHECK_FALSE(agreed.response.body.contains("recovery_codes"));
    const auto fresh = house.ask(nora.browser, "POST", "/api/self/recovery-codes");
    REQUIRE_MESSAGE(fresh.status == 201, fresh.response.body);
    CHECK(fresh.json["recovery_codes"].size() == 10);
    // An approval is good once.
    CHECK(
        reason_of(house.ask(nora.browser, "POST", "/api/self/recovery-codes")) ==
        "extra_codes.not_approved"
    );
    CHECK(sign_in_with_code(house, nora, nora.recovery_codes[4]).status == 401);
    const auto code = fresh.json["recovery_codes"][0].get<std::string>();
    CHECK(sign_in_with_code(house, nora, code).status == 200);
    for (const auto* const type : {"recovery.codes_requested", "recovery.codes_approved"}) {
        CHECK(house.events(type).size() == 1);
    }
    CHECK(anna.role == "gateway_administrator");
}

// Who did it and what it was, as the log tells of that type since then, oldest first.
using Told = std::vector<std::pair<std::string, std::string>>;

Told logged_since(ApiTestHouse& house, TestPerson& reader, const std::string& type, Time since) {
    const auto path = "/api/audit?type=" + type + "&from=" + to_text(since);
    const auto listed = house.ask(reader.browser, "GET", path);
    REQUIRE_MESSAGE(listed.status == 200, listed.response.body);
    Told told;
    for (const auto& each : listed.json["events"]) {
        told.emplace_back(each["who"].get<std::string>(), each["type"].get<std::string>());
    }
    std::ranges::reverse(told);
    return told;
}

TEST_CASE(
    "S1-39: with push, mail and the internet gone, codes and keys let in; each use is on record "
    "and "
    "adds up with what is left; more codes need a second person"
) {
    // No service is there to be asked: what the house would send waits.
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& nora = house.person("nora", "engineer");
    auto& erik = house.person("erik", "engineer");
    house.add_key(erik);
    auto& paula = house.person("paula", "auditor");
    house.step_up(anna);
    const nlohmann::json address{{"mail_address", "nora@hospital.example"}};
    REQUIRE(house.ask(anna.browser, "POST", "/api/users/nora/mail", address).status == 200);
    house.clock.advance(1min);
    const auto outage = house.clock.now();

    // A key, and codes that were issued before: each once.
    house.sign_in(erik);
    CHECK(house.ask(erik.browser, "GET", "/api/session").json["factor"] == "pwd+hwk+uv");
    CHECK(sign_in_with_code(house, nora, nora.recovery_codes[0]).status == 200);
    CHECK(sign_in_with_code(house, nora, nora.recovery_codes[0]).status == 401);
    CHECK(sign_in_with_code(house, nora, nora.recovery_codes[1]).status == 200);

    // The log of this node has each use, and they add up with the codes that are left.
    house.sign_in(paula);
    const std::string use = "cred.recovery_code_used";
    const Told uses{{"nora", use}, {"nora", use}};
    CHECK(logged_since(house, paula, use, outage) == uses);
    CHECK(codes_left(house, "nora") == static_cast<std::int64_t>(10 - uses.size()));
    CHECK(codes_left(house, "erik") == 10);

    // More of them: asked for by one, agreed to by another, made by the first.
    house.sign_in(nora);
    const nlohmann::json why{{"reason", "two are left on the list"}};
    REQUIRE(house.ask(nora.browser, "POST", "/api/self/extra-codes", why).status == 201);
    CHECK(
        reason_of(house.ask(nora.browser, "POST", "/api/self/recovery-codes")) ==
        "extra_codes.not_approved"
    );
    house.step_up(anna);
    REQUIRE(house.ask(anna.browser, "POST", "/api/extra-codes/nora/approve").status == 200);
    REQUIRE(house.ask(nora.browser, "POST", "/api/self/recovery-codes").status == 201);
    house.sign_in(paula);
    const Told issuing{
        {"nora", "recovery.codes_requested"},
        {"anna", "recovery.codes_approved"},
        {"nora", "recovery.code_issued"},
    };
    CHECK(logged_since(house, paula, "recovery.code", outage) == issuing);
    // What was to be told by mail is still there when the mail server is back.
    CHECK_FALSE(house.mails().empty());
}

TEST_CASE("S1-39 (part): nobody agrees to new codes of their own, nor later than a day") {
    ApiTestHouse house;
    auto& anna = house.administrator();
    auto& bert = house.person("bert", "gateway_administrator");
    const nlohmann::json why{{"reason", "the paper is lost"}};
    house.step_up(bert);
    REQUIRE(house.ask(bert.browser, "POST", "/api/self/extra-codes", why).status == 201);
    CHECK(
        reason_of(house.ask(bert.browser, "POST", "/api/extra-codes/bert/approve")) ==
        "extra_codes.own"
    );
    house.clock.advance(24h);
    house.sign_in(anna);
    CHECK(
        reason_of(house.ask(anna.browser, "POST", "/api/extra-codes/bert/approve")) ==
        "extra_codes.over"
    );
    CHECK(
        reason_of(house.ask(anna.browser, "POST", "/api/extra-codes/anna/approve")) ==
        "extra_codes.own"
    );
    house.sign_in(bert);
    REQUIRE(house.ask(bert.browser, "POST", "/api/self/extra-codes", why).status == 201);
    CHECK(house.ask(anna.browser, "GET", "/api/extra-codes").json["extra_codes"].size() == 1);
    CHECK(house.page(anna.browser, "/recovery").contains("/api/extra-codes/bert/approve"));
    CHECK(reason_of(house.ask(anna.browser, "POST", "/api/extra-codes/bert/refuse")) == "ok");
    CHECK(
        reason_of(house.ask(bert.browser, "POST", "/api/self/recovery-codes")) ==
        "extra_codes.not_approved"
    );
}

TEST_CASE("S1-39 (part): a session of a recovery code passes nothing of the table that elevates") {
    ApiTestHouse house;
    house.administrator();
    int walked = 0;
    for (const auto* const role : {"engineer", "gateway_administrator", "security_officer"}) {
        CAPTURE(role);
        auto& person = house.person(std::string("some-") + role, role);
        REQUIRE(sign_in_with_code(house, person, person.recovery_codes[0]).status == 200);
        const auto policy = policy::default_policy();
        const auto& granted = policy.role(role)->permissions;
        for (const auto& route : house.router().routes()) {
            if (route.access != Access::session || !is_elevated(route)) continue;
            if (!granted.test(static_cast<std::size_t>(*route.permission))) continue;
            CAPTURE(route.path);
            const auto answer = house.ask(
                person.browser,
                std::string(route.method),
                filled(std::string(route.path)),
                route.method == "GET" ? nlohmann::json(nullptr) : nlohmann::json::object()
            );
            CHECK(answer.status == 401);
            CHECK(reason_of(answer) == "step_up_required");
            ++walked;
        }
        // Another recovery code is no proof, and is not used up by being shown.
        const auto before = codes_left(house, person.name);
        const nlohmann::json shown{{"code", person.recovery_codes[1]}};
        CHECK(
            reason_of(house.ask(person.browser, "POST", "/api/step-up", shown)) == "step_up.refused"
        );
        CHECK(codes_left(house, person.name) == before);
        // A real factor is.
        house.clock.advance(31s);
        const nlohmann::json real{{"code", house.code(person)}};
        REQUIRE(house.ask(person.browser, "POST", "/api/step-up", real).status == 200);
        CHECK(house.ask(person.browser, "GET", "/api/devices").status == 200);
    }
    CHECK(walked > 60);
}

TEST_CASE("who signed in with a recovery code binds an authenticator within 15 minutes, no later") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    REQUIRE(sign_in_with_code(house, erik, erik.recovery_codes[0]).status == 200);
    CHECK(house.page(erik.browser, "/security").contains("id=\"recovered\""));
    house.clock.advance(14min);
    const auto path = std::string("/api/self/authenticators/webauthn");
    const auto options = house.ask(erik.browser, "POST", path + "/options");
    REQUIRE_MESSAGE(options.status == 200, options.response.body);
    SoftwareKey key(origin);
    auto made = key.create(options.json);
    made["label"] = "Key ring";
    CHECK(house.ask(erik.browser, "POST", path, made).status == 201);
    CHECK(
        reason_of(house.ask(erik.browser, "POST", "/api/self/extra-codes", {{"reason", "x"}})) ==
        "step_up_required"
    );
    erik.key.emplace(std::move(key));
    REQUIRE(house.with_key(erik, "/api/step-up/key").status == 200);
    CHECK(house.ask(erik.browser, "GET", "/api/devices").status == 200);

    erik.key.reset();
    REQUIRE(sign_in_with_code(house, erik, erik.recovery_codes[1]).status == 200);
    house.clock.advance(15min - 1s);
    REQUIRE(house.ask(erik.browser, "GET", "/api/session/continue").status == 200);
    house.clock.advance(2s);
    CHECK(reason_of(house.ask(erik.browser, "POST", path + "/options")) == "step_up_required");
}

TEST_CASE("S1-39 (part): where a key is asked for, a code lets its holder bind one, and no more") {
    ApiTestHouse house(policy::default_policy());
    house.administrator();
    auto& erik = house.person("erik", "engineer");
    const auto& code = erik.recovery_codes[0];
    const auto next = sign_in_with_code(house, erik, code);
    CHECK(next.status == 200);
    CHECK(next.json["next"] == "new_key");
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 401);
    CHECK(house.page(erik.browser, "/sign-in/new-key").contains("/api/sign-in/new-key"));

    // One that leads to nothing is not used up, however often.
    CHECK(codes_left(house, "erik") == 10);
    house.clock.advance(15min);
    CHECK(
        reason_of(house.ask(erik.browser, "POST", "/api/sign-in/new-key/options")) ==
        "rebinding.over"
    );
    REQUIRE(sign_in_with_code(house, erik, code).status == 200);
    const auto options = house.ask(erik.browser, "POST", "/api/sign-in/new-key/options");
    REQUIRE_MESSAGE(options.status == 200, options.response.body);
    SoftwareKey key(origin);
    auto spoilt = key.create(options.json);
    spoilt["client_data_json"] = to_base64url(as_bytes("{}"));
    CHECK(house.ask(erik.browser, "POST", "/api/sign-in/new-key", spoilt).status == 422);
    CHECK(codes_left(house, "erik") == 10);

    const auto again = house.ask(erik.browser, "POST", "/api/sign-in/new-key/options");
    const auto done =
        house.ask(erik.browser, "POST", "/api/sign-in/new-key", key.create(again.json));
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
    CHECK(codes_left(house, "erik") == 9);
    const auto session = house.ask(erik.browser, "GET", "/api/session").json;
    CHECK(session["factor"] == "pwd+hwk+uv");
    CHECK(house.ask(erik.browser, "GET", "/api/devices").status == 200);
    CHECK(house.events("recovery.completed").size() == 1);
    // It was for one key: nothing more comes of it, nor of the code.
    CHECK(
        reason_of(house.ask(erik.browser, "POST", "/api/sign-in/new-key/options")) ==
        "rebinding.over"
    );
    CHECK(sign_in_with_code(house, erik, code).status == 401);
}

TEST_CASE("a wrong passphrase before a right recovery code opens nothing and uses nothing up") {
    ApiTestHouse house(policy::default_policy());
    house.administrator();
    auto& erik = house.person("erik", "engineer");
    const auto right = erik.passphrase;
    erik.passphrase = "not the right one";
    const auto refused = sign_in_with_code(house, erik, erik.recovery_codes[0]);
    CHECK(refused.status == 401);
    CHECK(reason_of(refused) == "authn.refused");
    CHECK(codes_left(house, "erik") == 10);
    erik.passphrase = right;
    CHECK(reason_of(sign_in_with_code(house, erik, "AAAA-BBBB-CCCC-DDDD")) == "authn.refused");
}

}  // namespace

}  // namespace sallyport::api::test
