// Nobody can lock a nurse out by failing for her (S0-64): what 99 failures stop, and what they
// don't.

#include "tests/support/policies.h"

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

constexpr auto workstation = "__Host-sallyport-workstation";

policy::Policy with_a_ward() {
    auto policy = sallyport::test::policy_document_with_codes(ApiTestHouse::start());
    policy.zones = {
        {.name = "ward-3",
         .kind = policy::ZoneKind::ward,
         .networks = {IpNetwork::parse("10.3.0.0/16").value()}},
        {.name = "vpn",
         .kind = policy::ZoneKind::remote,
         .networks = {IpNetwork::parse("10.9.0.0/16").value()}},
    };
    return policy;
}

class Ward {
public:
    Ward() {
        house.sign_in(clark);
        const nlohmann::json wanted{{"name", "ward-3-a"}, {"zone", "ward-3"}};
        const auto made = house.ask(clark.browser, "POST", "/api/workstations", wanted);
        REQUIRE_MESSAGE(made.status == 201, made.response.body);
        token = clark.browser.cookies[workstation];
    }

    // The first form, from a browser that is at this address.
    Answer first(const TestPerson& person, const std::string& peer, nlohmann::json more = {}) {
        Browser browser;
        browser.peer = peer;
        if (at_workstation) browser.cookies[workstation] = token;
        nlohmann::json form{{"login_name", person.name}, {"passphrase", person.passphrase}};
        if (more.is_object()) form.update(more);
        return house.ask(browser, "POST", "/api/sign-in", form);
    }

    int guess(const std::string& name, int turn) {
        Browser stranger;
        stranger.peer = "198.51.100." + std::to_string(turn % 200 + 1);
        const nlohmann::json form{{"login_name", name}, {"passphrase", "guess"}};
        return house.ask(stranger, "POST", "/api/sign-in", form).status;
    }

    void fail_for(const std::string& name) {
        for (int i = 0; i < 99; ++i) {
            house.clock.advance(15min);
            REQUIRE(guess(name, i) == 200);
        }
    }

    ApiTestHouse house{with_a_ward()};
    TestPerson& clark = house.person("clark", "clinical_administrator");
    TestPerson& nora = house.person(clark, "nora", "clinician");
    std::string token;
    bool at_workstation = false;
};

TEST_CASE("S0-64 (part): 99 failures stop a nurse's passphrase for unknown sources, and that alone"
) {
    Ward ward;
    auto& house = ward.house;
    house.add_key(ward.nora);
    ward.fail_for("nora");
    CHECK(house.events("authn.lockout").size() == 1);
    CHECK(house.events("user.disabled").empty());

    const auto unknown = "203.0.113.9";
    house.clock.advance(24h);
    CHECK(ward.first(ward.nora, unknown).status == 429);
    CHECK(house.events("authn.throttled").front().reason == "authn.locked");
    CHECK(ward.first(ward.nora, "10.9.0.5").status == 429);  // a remote zone is no known source
    // In the house, on a ward where she never was; and at a registered workstation, wherever it is.
    CHECK(ward.first(ward.nora, "10.3.0.77").status == 200);
    ward.at_workstation = true;
    CHECK(ward.first(ward.nora, unknown).status == 200);
    ward.at_workstation = false;
    // Where she signed in before.
    CHECK(ward.first(ward.nora, "192.0.2.7").status == 200);
    // With a passkey, from anywhere.
    Browser browser;
    browser.peer = unknown;
    const auto offer = house.ask(browser, "GET", "/api/sign-in/passkey");
    const auto answer = ward.nora.key->get(offer.json);
    CHECK(house.ask(browser, "POST", "/api/sign-in/passkey", answer).status == 200);
    // With a recovery code beside the passphrase, which that does not use up.
    const auto elsewhere = "203.0.113.77";
    CHECK(ward.first(ward.nora, elsewhere).status == 429);
    const nlohmann::json wrong{{"recovery_code", "AAAA-BBBB-CCCC-DDDD"}};
    CHECK(ward.first(ward.nora, elsewhere, wrong).status == 429);
    const nlohmann::json right{{"recovery_code", ward.nora.recovery_codes[0]}};
    CHECK(ward.first(ward.nora, elsewhere, right).status == 200);
    CHECK(house.events("cred.recovery_code_used").empty());
}

TEST_CASE("S0-64 (part): a stop lasts until an administrator ends it, whoever was guessed at") {
    Ward ward;
    auto& house = ward.house;
    auto& anna = house.administrator();
    auto& bert = house.person("bert", "gateway_administrator");
    ward.fail_for("anna");  // administrators are not exempt
    house.clock.advance(24h * 29);
    CHECK(ward.first(anna, "203.0.113.9").status == 429);
    house.sign_in(bert);
    const auto stopped = house.ask(bert.browser, "GET", "/api/users/anna/authenticators").json;
    CHECK(stopped["stopped"] == nlohmann::json{"passphrase"});
    CHECK(house.page(bert.browser, "/users/anna").contains("/api/users/anna/enable"));
    REQUIRE(house.ask(bert.browser, "POST", "/api/users/anna/enable").status == 200);
    CHECK(ward.first(anna, "203.0.113.9").status == 200);
    CHECK(house.events("authn.unlock").size() == 1);
}

TEST_CASE("failing in one class of sources slows nobody down in another") {
    Ward ward;
    for (int i = 0; i < 5; ++i) {
        CHECK(ward.guess("nora", i) == 200);
    }
    CHECK(ward.guess("nora", 5) == 429);
    CHECK(ward.first(ward.nora, "10.3.0.77").status == 200);
    CHECK(ward.first(ward.nora, "203.0.113.9").status == 429);
}

}  // namespace

}  // namespace sallyport::api::test
