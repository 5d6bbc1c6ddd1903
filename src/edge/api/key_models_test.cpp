// Which models of security keys a role may add, over the API: a policy, FIDO's list as it was
// imported, and keys whose maker vouches for them or not.

#include "tests/support/key_maker.h"

#include "domain/authn/authenticator_metadata_store.h"
#include "edge/api/api_test_house.h"
#include "edge/api/invited_person.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;
using sallyport::test::CeremonyPlan;
using sallyport::test::KeyMaker;
using sallyport::test::SoftwareKey;
using sallyport::test::Statement;

constexpr auto origin = "https://sallyport.example.org";
constexpr auto own_keys = "/api/self/authenticators/webauthn";
// The model that keys in software say they are of, and another.
constexpr auto the_model = "11111111-1111-1111-1111-111111111111";
constexpr auto another_model = "33333333-3333-3333-3333-333333333333";

policy::Policy asking(const policy::SecurityKeyRules& rules) {
    auto policy = sallyport::test::policy_document_with_codes(ApiTestHouse::start());
    for (auto& role : policy.roles) {
        if (role.name == "engineer") role.keys = rules;
    }
    return policy;
}

struct Ward {
    explicit Ward(const policy::SecurityKeyRules& rules) : house(asking(rules)) {
        house.step_up(erik);
    }

    // FIDO's list, with one model.
    void import_list(std::int64_t number, const std::string& compromised) {
        const auto moment = house.moment();
        const authn::webauthn::MetadataBlob blob{
            .number = number,
            .next_update = std::chrono::floor<std::chrono::days>(moment.now) + std::chrono::days(9),
            .authenticators =
                {{.aaguid = authn::webauthn::parse_aaguid(the_model).value(),
                  .description = "Key One",
                  .roots = {maker.root()},
                  .compromised = compromised}},
        };
        const auto kept = house.database().write([&](store::Tx& tx) {
            return authn::keep_metadata(tx, moment, blob);
        });
        REQUIRE(kept.has_value());
    }

    [[nodiscard]] SoftwareKey vouched_for_by(const KeyMaker& who) const {
        SoftwareKey key(origin);
        key.attest_by([&who](const CeremonyPlan& plan) { return who.vouch(plan); });
        return key;
    }

    Answer add(SoftwareKey key) {
        const auto options =
            house.ask(erik.browser, "POST", std::string(own_keys) + "/options").json;
        asked = options["attestation"];
        auto made = key.create(options);
        made["label"] = "Key ring";
        return house.ask(erik.browser, "POST", own_keys, made);
    }

    // "accepted", or the reason of the refusal.
    std::string verdict(SoftwareKey key) {
        const auto answer = add(std::move(key));
        if (answer.status == 201) return "accepted";
        CHECK(answer.status == 422);
        CHECK_FALSE(answer.json["title"].get<std::string>().contains("not understood"));
        return answer.json["reason"];
    }

    std::string shown_to_administrator() {
        const auto& anna = house.administrator();
        return house.page(anna.browser, "/users/erik");
    }

    KeyMaker maker;
    ApiTestHouse house;
    TestPerson& erik = house.person("erik", "engineer");
    std::string asked;  // what the browser was asked for, as attestation
};

TEST_CASE("S1-21: where policy names models, an attested key of one is added, and told as such") {
    Ward ward({.attested = true, .models = {the_model}});
    ward.import_list(1, "");
    const auto added = ward.add(ward.vouched_for_by(ward.maker));
    REQUIRE_MESSAGE(added.status == 201, added.response.body);
    CHECK(ward.asked == "direct");
    CHECK(added.json["serial"] == the_model);
    CHECK(added.json["model_attested"] == true);
    CHECK(
        ward.shown_to_administrator().contains(std::string(the_model) + " (attested by its maker)")
    );
}

TEST_CASE("S1-21: where policy names models, every other key is refused, and told why") {
    Ward ward({.attested = true, .models = {the_model}});
    ward.import_list(1, "");
    SUBCASE("another model of the same maker, with its number for the administrator") {
        auto key = ward.vouched_for_by(ward.maker);
        key.plan().aaguid = Bytes(16, std::byte{0x33});
        const auto refused = ward.add(std::move(key));
        CHECK(refused.status == 422);
        CHECK(refused.json["reason"] == "security_key.model_not_allowed");
        CHECK(refused.json["member"] == another_model);
        const auto event = ward.house.events("cred.binding_refused").front();
        CHECK(event.reason == "security_key.model_not_allowed");
        CHECK(event.leaf_json.contains(another_model));
    }
    SUBCASE("one that says nothing of itself") {
        CHECK(ward.verdict(SoftwareKey(origin)) == "security_key.not_attested");
    }
    SUBCASE("one whose browser left out the model") {
        SoftwareKey key(origin);
        key.plan().aaguid = Bytes(16);
        CHECK(ward.verdict(std::move(key)) == "security_key.not_attested");
    }
    SUBCASE("one that vouches for itself") {
        SoftwareKey key(origin);
        key.attest_by(&KeyMaker::self);
        CHECK(ward.verdict(std::move(key)) == "security_key.not_attested");
    }
    SUBCASE("one whose maker is not the model's") {
        const KeyMaker stranger("Maker of Keys");
        CHECK(ward.verdict(ward.vouched_for_by(stranger)) == "security_key.not_attested");
    }
    const auto all = ward.house.ask(ward.erik.browser, "GET", "/api/self/authenticators").json;
    for (const auto& each : all["authenticators"]) {
        CHECK(each["kind"] != "webauthn");
    }
}

TEST_CASE("S1-21: attestation without a list of models takes any model of a trusted root") {
    Ward ward({.attested = true});
    CHECK(ward.verdict(ward.vouched_for_by(ward.maker)) == "security_key.not_attested");
    ward.house.authn().attestation_roots = {ward.maker.root()};
    CHECK(ward.verdict(ward.vouched_for_by(ward.maker)) == "accepted");
    CHECK(ward.verdict(SoftwareKey(origin)) == "security_key.not_attested");
}

TEST_CASE("S1-21: a model that FIDO's list calls compromised is added under no policy") {
    for (const auto& rules :
         {policy::SecurityKeyRules{}, policy::SecurityKeyRules{.attested = true}}) {
        CAPTURE(rules.attested);
        Ward ward(rules);
        ward.import_list(1, "");
        CHECK(ward.verdict(ward.vouched_for_by(ward.maker)) == "accepted");
        ward.import_list(2, "ATTESTATION_KEY_COMPROMISE");
        const auto refused = ward.add(ward.vouched_for_by(ward.maker));
        CHECK(refused.status == 422);
        CHECK(refused.json["reason"] == "security_key.model_compromised");
        CHECK(refused.json["member"] == the_model);
    }
}

TEST_CASE("where policy asks for nothing, no browser is asked what a key is, and a name is a claim"
) {
    Ward ward({});
    const auto added = ward.add(SoftwareKey(origin));
    REQUIRE(added.status == 201);
    CHECK(ward.asked == "none");
    CHECK(added.json["serial"] == the_model);
    CHECK(added.json["model_attested"] == false);
    CHECK(ward.shown_to_administrator().contains(std::string(the_model) + " (as the key says)"));
}

TEST_CASE("S1-21: a key of another model ends no enrolment either, and replaces no lost one") {
    auto strict = policy::default_policy();
    for (auto& role : strict.roles) {
        if (role.name == "engineer") role.keys = {.attested = true, .models = {the_model}};
    }
    ApiTestHouse house(strict);
    const KeyMaker maker;
    house.authn().attestation_roots = {maker.root()};
    auto [browser, next] = invited_person(house, "erik", "engineer");
    const auto bring = [&](SoftwareKey key) {
        const auto options = house.ask(browser, "POST", "/api/enrolment/key/options").json;
        CHECK(options["attestation"] == "direct");
        return house.ask(browser, "POST", "/api/enrolment/key", key.create(options));
    };
    CHECK(bring(SoftwareKey(origin)).json["reason"] == "security_key.not_attested");
    SoftwareKey vouched(origin);
    vouched.attest_by([&](const CeremonyPlan& plan) { return maker.vouch(plan); });
    const auto enrolled = bring(vouched);
    REQUIRE_MESSAGE(enrolled.status == 200, enrolled.response.body);

    // Nor does one take the place of a key that was lost.
    Browser lost;
    const nlohmann::json first{
        {"login_name", "erik"}, {"passphrase", "a kettle sings in the attic"}
    };
    REQUIRE(house.ask(lost, "POST", "/api/sign-in", first).status == 200);
    const nlohmann::json second{{"code", enrolled.json["recovery_codes"][0]}};
    const auto led = house.ask(lost, "POST", "/api/sign-in/code", second);
    REQUIRE(led.json["next"] == "new_key");
    const auto replace_by = [&](SoftwareKey key) {
        const auto options = house.ask(lost, "POST", "/api/sign-in/new-key/options").json;
        CHECK(options["attestation"] == "direct");
        return house.ask(lost, "POST", "/api/sign-in/new-key", key.create(options));
    };
    CHECK(replace_by(SoftwareKey(origin)).json["reason"] == "security_key.not_attested");
    CHECK(house.events("cred.recovery_code_used").empty());
    SoftwareKey replacement(origin);
    replacement.attest_by([&](const CeremonyPlan& plan) { return maker.vouch(plan); });
    CHECK(replace_by(replacement).status == 200);
}

}  // namespace

}  // namespace sallyport::api::test
