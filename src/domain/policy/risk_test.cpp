#include "domain/policy/risk.h"

#include "tests/support/clocks.h"
#include "tests/support/policies.h"

#include "domain/policy/current_policy.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <string>

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;

RoleRules& role_of(Policy& policy, std::string_view name) {
    for (auto& role : policy.roles) {
        if (role.name == name) return role;
    }
    FAIL("no such role");
    return policy.roles.front();
}

Policy with_exception(std::string_view name, Strength strength, Time until) {
    auto policy = default_policy();
    role_of(policy, name).exception = StrengthException{
        .strength = strength,
        .risk_item = "R-17",
        .reason = "The keys are ordered and not here yet.",
        .accepted_by = "Dr. Ada Example",
        .until = until,
    };
    return policy;
}

Refusal refusal_of(const std::function<void(nlohmann::json&)>& change) {
    auto document = nlohmann::json::parse(to_json(default_policy()));
    change(document);
    const auto parsed = parse_policy(document.dump());
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error();
}

TEST_CASE("S0-50 (part): what must be proven follows from the role's risk class, rising with it") {
    CHECK(required_strength(Risk::low) == Strength::one_factor);
    CHECK(required_strength(Risk::medium) == Strength::two_factors);
    CHECK(required_strength(Risk::high) == Strength::phishing_resistant);
    CHECK(required_strength(Risk::critical) == Strength::device_bound);
    for (const auto& role : parse_policy(to_json(default_policy()))->roles) {
        CAPTURE(role.name);
        CHECK(role.strength == required_strength(role.risk));
    }
}

TEST_CASE("S0-50 (part): a role can't say itself what its holders prove") {
    auto document = nlohmann::json::parse(to_json(default_policy()));
    document["roles"][3]["strength"] = "one_factor";
    const auto parsed = parse_policy(document.dump());
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().detail.starts_with("roles[3].strength"));
}

TEST_CASE("S0-75 (part): an exception lowers the demand until its end, and then it snaps back") {
    test::SettableClock clock;
    const auto until = clock.now() + 24h;
    const auto document =
        parse_policy(to_json(with_exception("gateway_administrator", Strength::two_factors, until))
        );
    REQUIRE(document.has_value());
    // As a document it says what the class asks for.
    CHECK(document->role("gateway_administrator")->strength == Strength::phishing_resistant);

    const CurrentPolicy current(std::make_shared<const Policy>(*document), clock);
    CHECK(current.get()->role("gateway_administrator")->strength == Strength::two_factors);
    CHECK(current.get()->role("auditor")->strength == Strength::phishing_resistant);
    clock.advance(24h - 1s);
    CHECK(current.get()->role("gateway_administrator")->strength == Strength::two_factors);
    clock.advance(1s);
    CHECK(current.get()->role("gateway_administrator")->strength == Strength::phishing_resistant);
    // What is shown and stored is the document, whatever holds now.
    CHECK(to_json(*current.get()) == to_json(*document));
}

TEST_CASE("two exceptions end each at its own time") {
    test::SettableClock clock;
    auto policy = with_exception("engineer", Strength::two_factors, clock.now() + 1h);
    role_of(policy, "auditor").exception = role_of(policy, "engineer").exception;
    role_of(policy, "auditor").exception->until += 1h;
    CHECK(next_demand_change(policy, clock.now()) == clock.now() + 1h);
    const CurrentPolicy current(std::make_shared<const Policy>(policy), clock);
    clock.advance(1h);
    CHECK(current.get()->role("engineer")->strength == Strength::phishing_resistant);
    CHECK(current.get()->role("auditor")->strength == Strength::two_factors);
    clock.advance(1h);
    CHECK(current.get()->role("auditor")->strength == Strength::phishing_resistant);
    CHECK_FALSE(next_demand_change(policy, clock.now()).has_value());
}

TEST_CASE("S0-53 (part): one setting asks two factors of everybody from its time on, by itself") {
    test::SettableClock clock;
    auto policy = with_exception("clinician", Strength::one_factor, clock.now() + 24h * 300);
    policy.two_factors_for_all_from = clock.now() + 24h * 30;
    const auto document = parse_policy(to_json(policy));
    REQUIRE_MESSAGE(document.has_value(), document.error().detail);
    CHECK(document->two_factors_for_all_from == policy.two_factors_for_all_from);
    CHECK(next_demand_change(*document, clock.now()) == policy.two_factors_for_all_from);

    const CurrentPolicy current(std::make_shared<const Policy>(*document), clock);
    CHECK(current.get()->role("patient")->strength == Strength::one_factor);
    CHECK(current.get()->role("clinician")->strength == Strength::one_factor);
    clock.advance(24h * 30 - 1s);
    CHECK(current.get()->role("patient")->strength == Strength::one_factor);
    clock.advance(1s);
    for (const auto& role : current.get()->roles) {
        CAPTURE(role.name);
        CHECK(role.strength >= Strength::two_factors);
    }
    CHECK(current.get()->role("engineer")->strength == Strength::phishing_resistant);
    CHECK(to_json(*current.get()) == to_json(*document));
}

TEST_CASE("S0-75 (part): an exception without risk item, reason, name or end is refused") {
    const auto until = test::SettableClock().now() + 24h;
    const auto whole =
        nlohmann::json::parse(to_json(with_exception("engineer", Strength::two_factors, until)));
    for (const auto* member : {"risk_item", "reason", "accepted_by", "until", "strength"}) {
        CAPTURE(member);
        auto document = whole;
        document["roles"][3]["exception"].erase(member);
        const auto parsed = parse_policy(document.dump());
        REQUIRE_FALSE(parsed.has_value());
        CHECK(
            parsed.error().detail == std::string("roles[3].exception.") + member + ": is missing"
        );
    }
}

TEST_CASE("an exception that demands as much as the class, or more, is none") {
    for (const auto strength : {Strength::phishing_resistant, Strength::device_bound}) {
        const auto parsed = parse_policy(
            to_json(with_exception("engineer", strength, test::SettableClock().now() + 24h))
        );
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().reason == "policy.exception");
    }
}

TEST_CASE("S0-06: a sixth role in a scope needs a written rationale") {
    const auto sixth = [](nlohmann::json& document) {
        auto role = document["roles"][3];
        role["name"] = "rental_engineer";
        document["roles"].push_back(role);
    };
    const auto refused = refusal_of(sixth);
    CHECK(refused.reason == "policy.role_count");
    CHECK(refused.detail.find("role_count_rationale") != std::string::npos);

    auto document = nlohmann::json::parse(to_json(default_policy()));
    sixth(document);
    document["role_count_rationale"] =
        "Engineers of rented devices are counted apart for their contracts.";
    const auto parsed = parse_policy(document.dump());
    REQUIRE_MESSAGE(parsed.has_value(), parsed.error().detail);
    CHECK(to_json(*parsed).find("counted apart") != std::string::npos);
    // A short word is no rationale.
    document["role_count_rationale"] = "needed";
    CHECK_FALSE(parse_policy(document.dump()).has_value());
}

TEST_CASE("a policy from before there were risk classes keeps what it demanded") {
    auto document = nlohmann::json::parse(to_json(default_policy()));
    for (auto& role : document["roles"]) {
        role.erase("risk");
        role.erase("purpose");
        role.erase("intended_use");
        role.erase("risk_item");
        role["strength"] = role["name"] == "patient" ? "one_factor" : "two_factors";
    }
    const auto parsed = parse_policy(document.dump());
    REQUIRE_MESSAGE(parsed.has_value(), parsed.error().detail);
    CHECK(parsed->role("patient")->strength == Strength::one_factor);
    CHECK(parsed->role("engineer")->strength == Strength::two_factors);
}

TEST_CASE("where codes are accepted they are for every role, and no role gets weaker than that") {
    const auto now = test::SettableClock().now();
    for (const auto& role : test::policy_with_codes(now).roles) {
        CAPTURE(role.name);
        CHECK(role.strength <= Strength::two_factors);
        if (role.name != "patient") CHECK(role.strength == Strength::two_factors);
    }
}

}  // namespace

}  // namespace sallyport::policy
