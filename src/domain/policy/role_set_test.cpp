#include "domain/policy/role_set.h"

#include "domain/policy/permit.h"
#include "domain/policy/policy.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;
using enum Permission;

bool holds(const RoleRules& role, Permission permission) {
    return role.permissions.test(static_cast<std::size_t>(permission));
}

RoleRules& role_of(Policy& policy, std::string_view name) {
    const auto found = std::ranges::find(policy.roles, name, &RoleRules::name);
    REQUIRE(found != policy.roles.end());
    return *found;
}

// What parse_policy() says to the shipped policy with one change.
Refusal refusal_of(const std::function<void(Policy&)>& change) {
    auto policy = default_policy();
    change(policy);
    const auto parsed = parse_policy(to_json(policy));
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error();
}

Refusal refusal_of_vendor(const std::function<void(RoleRules&)>& change) {
    return refusal_of([&](Policy& policy) { change(role_of(policy, "vendor_engineer")); });
}

bool can_only_read(const RoleRules& role) {
    for (std::size_t i = 0; i < permission_count; ++i) {
        const auto permission = static_cast<Permission>(i);
        if (!role.permissions.test(i) || permission == self_manage) continue;
        const auto text = to_text(permission);
        if (!text.ends_with(".read") && !text.ends_with(".export")) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("S0-06 (part), S0-48 (part): the vendor has a row of its own, narrower than the engineer"
) {
    const auto policy = default_policy();
    const auto* const engineer = policy.role("engineer");
    const auto* const vendor = policy.role("vendor_engineer");
    REQUIRE(engineer != nullptr);
    REQUIRE(vendor != nullptr);
    CHECK(vendor->narrows == "engineer");
    CHECK(vendor->scope == "gateway");
    for (const auto* const told :
         {&vendor->job,
          &vendor->can,
          &vendor->cannot,
          &vendor->owner,
          &vendor->purpose,
          &vendor->intended_use,
          &vendor->timer_rationale}) {
        CHECK_FALSE(told->empty());
    }
    // A visit that somebody else approved, and nothing else.
    CHECK(holds(*vendor, device_visit));
    CHECK(holds(*vendor, grant_request));
    for (const auto never :
         {device_read,
          device_manage,
          user_read,
          user_manage,
          grant_read,
          grant_approve,
          vault_manage,
          recording_read,
          audit_read,
          policy_read}) {
        CAPTURE(to_text(never));
        CHECK_FALSE(holds(*vendor, never));
    }
    CHECK(required_strength(vendor->risk) == Strength::phishing_resistant);
    CHECK(vendor->idle <= engineer->idle);
    CHECK(vendor->absolute <= engineer->absolute);
    // It is the only one that is read together with another, so no scope hides a sixth role in it.
    CHECK(std::ranges::count_if(policy.roles, [](const RoleRules& role) {
              return !role.narrows.empty();
          }) == 1);
}

TEST_CASE("S0-06 (part): what is wider than its role in anything is a further role, not a narrower"
) {
    const auto wider = refusal_of_vendor([](RoleRules& vendor) {
        vendor.permissions.set(static_cast<std::size_t>(recording_read));
    });
    CHECK(wider.reason == "policy.narrower_role");
    CHECK(wider.detail == "roles.vendor_engineer.permissions: has more than engineer");

    const auto same = refusal_of_vendor([](RoleRules& vendor) {
        vendor.permissions.set(static_cast<std::size_t>(device_read));
    });
    CHECK(same.detail == "roles.vendor_engineer.permissions: has no fewer than engineer");

    const auto weaker =
        refusal_of([](Policy& policy) { role_of(policy, "engineer").risk = Risk::critical; });
    CHECK(weaker.detail == "roles.vendor_engineer.risk: is of a lower class than engineer");
}

TEST_CASE("S0-06 (part): a role is narrowed once, by one of its scope, and not over two steps") {
    for (const auto* const whole : {"clinician", "vendor_engineer", "nobody"}) {
        CAPTURE(whole);
        const auto refusal = refusal_of_vendor([&](RoleRules& vendor) { vendor.narrows = whole; });
        CHECK(refusal.reason == "policy.narrower_role");
        CHECK(refusal.detail.starts_with("roles.vendor_engineer.narrows"));
    }
    const auto twice = refusal_of([](Policy& policy) {
        auto second = role_of(policy, "vendor_engineer");
        second.name = "rental_engineer";
        policy.roles.push_back(second);
    });
    CHECK(twice.reason == "policy.narrower_role");

    // Standing alone it is the sixth role of its scope.
    const auto sixth = refusal_of_vendor([](RoleRules& vendor) { vendor.narrows.clear(); });
    CHECK(sixth.reason == "policy.role_count");
    CHECK(sixth.detail.starts_with("roles: 6 in scope gateway"));
}

TEST_CASE("one role administers each scope of the shipped policy, and none administers both") {
    const auto policy = default_policy();
    for (const std::string_view scope : {"clinical", "gateway"}) {
        CAPTURE(scope);
        CHECK(std::ranges::count_if(policy.roles, [&](const RoleRules& role) {
                  return role.scope == scope && holds(role, user_manage);
              }) == 1);
    }
    CHECK(holds(*policy.role("clinical_administrator"), user_manage));
    CHECK(holds(*policy.role("gateway_administrator"), user_manage));
    for (const auto& role : policy.roles) {
        CAPTURE(role.name);
        if (role.scope == "both") CHECK_FALSE(holds(role, user_manage));
    }
}

TEST_CASE("a policy with a second administrator role in a scope, none, or one for both is refused"
) {
    const auto second = refusal_of([](Policy& policy) {
        role_of(policy, "clinician").permissions.set(static_cast<std::size_t>(user_manage));
        role_of(policy, "clinician").idle = 15min;
        role_of(policy, "clinician").unlock = 0s;
        policy.timer_profiles.clear();
    });
    CHECK(second.reason == "policy.administrators");
    CHECK(second.detail == "roles: 2 with user.manage in scope clinical, not one");

    const auto none = refusal_of([](Policy& policy) {
        role_of(policy, "gateway_administrator")
            .permissions.reset(static_cast<std::size_t>(user_manage));
    });
    CHECK(none.detail == "roles: 0 with user.manage in scope gateway, not one");

    const auto both = refusal_of([](Policy& policy) {
        role_of(policy, "security_officer").permissions.set(static_cast<std::size_t>(user_manage));
    });
    CHECK(both.detail == "roles.security_officer.permissions: user.manage in more than one scope");
}

TEST_CASE("an account has one scope: a role of the other one gives it nothing") {
    const auto policy = default_policy();
    const Time now = from_micros(1'795'348'800'000'000);
    for (const auto& role : policy.roles) {
        for (const std::string_view scope : {"clinical", "gateway"}) {
            CAPTURE(role.name);
            CAPTURE(scope);
            const Question question{
                .subject =
                    {.session = SessionId::from_bytes({}),
                     .account = AccountId::from_bytes({}),
                     .person = PersonId::from_bytes({}),
                     .role = role.name,
                     .scope = scope,
                     .proven = Strength::device_bound,
                     .last_proof = now,
                     .ends_at = now + 1h,
                     .parent = std::nullopt},
                .action = self_read,
                .device = std::nullopt,
                .about = std::nullopt,
                .grant = std::nullopt,
            };
            const auto decided = decide(policy, question, now);
            const bool acts_here = role.scope == scope || role.scope == "both";
            CHECK(decided.has_value() == acts_here);
            if (!decided) CHECK(decided.error().reason == "policy.role_unknown");
        }
    }
}

TEST_CASE("the security officer acts and is not the auditor, who only reads") {
    const auto policy = default_policy();
    const auto* const officer = policy.role("security_officer");
    const auto* const auditor = policy.role("auditor");
    REQUIRE(officer != nullptr);
    REQUIRE(auditor != nullptr);
    CHECK(can_only_read(*auditor));
    CHECK_FALSE(can_only_read(*officer));
    for (const auto acts : {policy_propose, session_end, grant_revoke, incident_close}) {
        CAPTURE(to_text(acts));
        CHECK(holds(*officer, acts));
        CHECK_FALSE(holds(*auditor, acts));
    }
    // No policy lets the auditor do any of what the officer does beyond reading.
    for (std::size_t i = 0; i < permission_count; ++i) {
        const auto permission = static_cast<Permission>(i);
        if (holds(*auditor, permission) || !holds(*officer, permission)) continue;
        CAPTURE(to_text(permission));
        const auto refusal =
            refusal_of([&](Policy& changed) { role_of(changed, "auditor").permissions.set(i); });
        CHECK(refusal.reason == "policy.roles_combined");
    }
}

TEST_CASE("the narrower form goes through JSON and back, and its name is asked for") {
    const auto parsed = parse_policy(to_json(default_policy()));
    REQUIRE(parsed.has_value());
    CHECK(parsed->role("vendor_engineer")->narrows == "engineer");
    CHECK(parsed->role("engineer")->narrows.empty());

    auto document = nlohmann::json::parse(to_json(default_policy()));
    document["roles"][4]["narrows"] = "";
    const auto empty = parse_policy(document.dump());
    REQUIRE_FALSE(empty.has_value());
    CHECK(empty.error().detail.starts_with("roles[4].narrows"));
}

}  // namespace sallyport::policy
