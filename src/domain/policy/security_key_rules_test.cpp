#include "domain/policy/security_key_rules.h"

#include "domain/policy/policy.h"
#include "domain/policy/policy_lint.h"
#include "domain/policy/policy_store.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <string>

namespace sallyport::policy {

namespace {

constexpr auto model = "08987058-cadc-4b81-b6e1-30de50dcbe96";
constexpr std::size_t engineer = 3;  // of the shipped roles

Policy shipped_with(const SecurityKeyRules& rules) {
    auto policy = default_policy();
    policy.roles.at(engineer).keys = rules;
    return policy;
}

// "accepted", or reason and detail, of the shipped policy with members of the engineer changed.
std::string verdict(const std::function<void(nlohmann::json&)>& change) {
    auto document = nlohmann::json::parse(to_json(default_policy()));
    change(document["roles"][engineer]);
    const auto parsed = parse_policy(document.dump());
    if (parsed) return "accepted";
    return std::string(parsed.error().reason) + " " + parsed.error().detail;
}

TEST_CASE("the shipped policy asks for no attestation, and has no word about it") {
    CHECK(default_policy().roles.at(engineer).name == "engineer");
    for (const auto& role : default_policy().roles) {
        CHECK(role.keys == SecurityKeyRules{});
    }
    const auto text = to_json(default_policy());
    CHECK_FALSE(text.contains("authenticator_models"));
    CHECK_FALSE(text.contains("key_user_verification"));
}

TEST_CASE(
    "S1-21 (part): what a role asks of keys comes through JSON and back, and shows in the diff"
) {
    const auto asking = shipped_with(
        {.attested = true, .models = {model}, .user_verification = KeyUserVerification::always}
    );
    const auto parsed = parse_policy(to_json(asking));
    REQUIRE(parsed.has_value());
    CHECK(parsed->roles.at(engineer).keys == asking.roles.at(engineer).keys);
    const auto diff = diff_of(default_policy(), *parsed);
    CHECK(diff.contains("roles.engineer.authenticator_models"));
    CHECK(diff.contains(model));
    CHECK(diff.contains("roles.engineer.key_user_verification: (new) -> \"always\""));
    // What asks for nothing may also be said.
    CHECK(verdict([](nlohmann::json& role) {
              role["authenticator_models"] = {{"attestation", "none"}};
              role["key_user_verification"] = "when_alone";
          }) == "accepted");
}

TEST_CASE("models that are not asked to be attested are refused: they would be claims") {
    CHECK(verdict([](nlohmann::json& role) {
              role["authenticator_models"] = {
                  {"attestation", "none"}, {"allowed_aaguids", {model}}
              };
          }).starts_with("policy.authenticator_models engineer."));
}

TEST_CASE("what is misspelled, doubled or no model is refused, naming the member") {
    const auto of_models = [](const nlohmann::json& value) {
        return verdict([&](nlohmann::json& role) { role["authenticator_models"] = value; });
    };
    const auto of_aaguids = [&](const nlohmann::json& value) {
        return of_models({{"attestation", "attested"}, {"allowed_aaguids", value}});
    };
    const auto path = std::string("policy.malformed roles[3].authenticator_models");
    CHECK(of_aaguids({model}) == "accepted");
    CHECK(of_models("attested").starts_with(path));
    CHECK(of_models(nlohmann::json::object()).starts_with(path + ".attestation"));
    CHECK(of_models({{"attestation", "direct"}}).starts_with(path + ".attestation"));
    CHECK(of_models({{"attestation", "attested"}, {"models", 1}}).starts_with(path + ".models"));
    for (const auto* const bad :
         {"",
          "08987058-CADC-4B81-B6E1-30DE50DCBE96",
          "08987058cadc4b81b6e130de50dcbe96",
          "08987058-cadc-4b81-b6e1-30de50dcbe9",
          "08987058-cadc-4b81-b6e1-30de50dcbe9g",
          "00000000-0000-0000-0000-000000000000"}) {
        CAPTURE(bad);
        CHECK(of_aaguids({bad}).starts_with(path + ".allowed_aaguids"));
    }
    CHECK(of_aaguids({1}).starts_with(path + ".allowed_aaguids"));
    CHECK(of_aaguids({model, model}).starts_with(path + ".allowed_aaguids"));
    CHECK(verdict([](nlohmann::json& role) { role["key_user_verification"] = "never"; }
    ).starts_with("policy.malformed roles[3].key_user_verification"));
}

TEST_CASE("attestation that a code of an app gets around is warned of") {
    const auto warns = [](const Policy& policy) {
        for (const auto& warning : lint_policy(policy)) {
            if (warning.name != "policy.attestation_avoidable") continue;
            CHECK(warning.member == "roles.engineer.authenticator_models");
            return true;
        }
        return false;
    };
    auto policy = shipped_with({.attested = true});
    CHECK_FALSE(warns(policy));
    policy.roles.at(engineer).exception.emplace().strength = Strength::two_factors;
    CHECK(warns(policy));
    policy.roles.at(engineer).keys = {};
    CHECK_FALSE(warns(policy));
}

}  // namespace

}  // namespace sallyport::policy
