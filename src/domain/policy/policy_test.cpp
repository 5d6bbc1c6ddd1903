#include "domain/policy/policy.h"

#include "domain/policy/policy_rules.h"
#include "domain/policy/policy_store.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include <functional>
#include <set>

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;
using enum Permission;

bool holds(const RoleRules& role, Permission permission) {
    return role.permissions.test(static_cast<std::size_t>(permission));
}

RoleRules& role_of(Policy& policy, std::string_view name) {
    for (auto& role : policy.roles) {
        if (role.name == name) return role;
    }
    throw std::logic_error("no such role");
}

// What parse_policy() says to the shipped policy with one change.
Refusal refusal_of(const std::function<void(Policy&)>& change) {
    auto policy = default_policy();
    change(policy);
    const auto parsed = parse_policy(to_json(policy));
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error();
}

Refusal refusal_of_json(const std::function<void(nlohmann::json&)>& change) {
    auto document = nlohmann::json::parse(to_json(default_policy()));
    change(document);
    const auto parsed = parse_policy(document.dump());
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error();
}

void give(RoleRules& role, Permission permission) {
    role.permissions.set(static_cast<std::size_t>(permission));
}

TEST_CASE("the shipped policy says of itself what it says, through JSON and back") {
    const auto shipped = default_policy();

    const auto parsed = parse_policy(to_json(shipped));

    REQUIRE(parsed.has_value());
    CHECK(to_json(*parsed) == to_json(shipped));
    CHECK(diff_of(shipped, *parsed).empty());
    CHECK(shipped.version == 1);
}

TEST_CASE("S0-06 (part): each scope of the shipped policy has three to five roles") {
    const auto policy = default_policy();
    for (const std::string_view scope : {"clinical", "gateway"}) {
        CAPTURE(scope);
        int count = 0;
        for (const auto& role : policy.roles) {
            // The vendors' engineers are the engineer, narrower (role_set_test.cpp).
            if (role.name == "vendor_engineer") continue;
            count += role.scope == scope || role.scope == "both" ? 1 : 0;
        }
        CHECK(count >= 3);
        CHECK(count <= 5);
    }
}

TEST_CASE("S0-06 (part): a sixth role in a scope is refused, and so are fewer than three") {
    const auto sixth = refusal_of([](Policy& policy) {
        auto role = *policy.role("clinician");
        role.name = "ward_clerk";
        policy.roles.push_back(role);
    });
    CHECK(sixth.reason == "policy.role_count");
    CHECK(
        sixth.detail == "roles: 6 in scope clinical, not 3 to 5 (more need a role_count_rationale)"
    );

    const auto two = refusal_of([](Policy& policy) {
        std::erase_if(policy.roles, [](const RoleRules& role) { return role.scope == "clinical"; });
    });
    CHECK(two.reason == "policy.role_count");
}

TEST_CASE("S0-31: the shipped clinician has 60 minutes idle and an 8 hour cap") {
    const auto policy = default_policy();
    const auto* role = policy.role("clinician");
    REQUIRE(role != nullptr);
    CHECK(role->idle == 60min);
    CHECK(role->absolute == 8h);
    CHECK(required_strength(role->risk) == Strength::two_factors);
}

TEST_CASE("S0-28: the shipped patient has a 4 hour cap, 30 minutes idle, and one factor") {
    const auto policy = default_policy();
    const auto* role = policy.role("patient");
    REQUIRE(role != nullptr);
    CHECK(role->absolute == 4h);
    CHECK(role->idle == 30min);
    CHECK(required_strength(role->risk) == Strength::one_factor);
    CHECK_FALSE(role->risk_item.empty());
}

TEST_CASE(
    "S0-36, S0-35 (part): everybody else has 15 minutes idle, an 8 hour cap and a factor that "
    "resists phishing"
) {
    const auto policy = default_policy();
    for (const auto* name :
         {"clinical_administrator",
          "engineer",
          "vendor_engineer",
          "approver",
          "gateway_administrator",
          "security_officer",
          "auditor"}) {
        CAPTURE(name);
        const auto* role = policy.role(name);
        REQUIRE(role != nullptr);
        CHECK(role->idle == 15min);
        CHECK(role->absolute == 8h);
        CHECK(required_strength(role->risk) == Strength::phishing_resistant);
    }
    CHECK(policy.roles.size() == 9);
}

TEST_CASE("S0-15: a timer of zero, below zero or absent is refused, naming the member") {
    for (const auto* member : {"idle_seconds", "absolute_seconds"}) {
        for (const int value : {0, -1, -3600}) {
            CAPTURE(member);
            CAPTURE(value);
            const auto refusal = refusal_of_json([&](nlohmann::json& document) {
                document["roles"][1][member] = value;
            });
            CHECK(refusal.reason == "policy.malformed");
            CHECK(refusal.detail.starts_with(std::string("roles[1].") + member));
        }
        const auto absent =
            refusal_of_json([&](nlohmann::json& document) { document["roles"][1].erase(member); });
        CHECK(absent.detail == std::string("roles[1].") + member + ": is missing");
    }
}

TEST_CASE(
    "S1-33 (part): one factor unlocks for four hours as shipped, and never longer than a session"
) {
    for (const auto& role : default_policy().roles) {
        CAPTURE(role.name);
        CHECK(role.unlock == (role.name == "clinician" ? 4h : 0h));
    }
    const auto refusal_of_unlock = [](std::string_view name, std::chrono::seconds unlock) {
        return refusal_of([&](Policy& policy) { role_of(policy, name).unlock = unlock; });
    };
    CHECK(refusal_of_unlock("clinician", 8h + 1s).reason == "policy.timer");
    CHECK(
        refusal_of_unlock("clinician", 8h + 1s).detail ==
        "clinician.unlock_seconds: must be 1 to 28800 seconds"
    );
    for (const auto* const name : {"engineer", "clinical_administrator", "auditor", "approver"}) {
        CAPTURE(name);
        CHECK(refusal_of_unlock(name, 1h).reason == "policy.unlock_privileged");
        CHECK(refusal_of_unlock(name, 1h).detail == std::string(name) + ".unlock_seconds");
    }
}

TEST_CASE("S0-15: a cap above its role's bound is refused: patient 4 h, all others 8 h") {
    for (const auto& role : default_policy().roles) {
        CAPTURE(role.name);
        const auto refusal = refusal_of([&](Policy& policy) {
            auto& changed = role_of(policy, role.name);
            changed.absolute += 1s;
        });
        CHECK(refusal.reason == "policy.timer");
        CHECK(refusal.detail.starts_with(role.name + ".absolute_seconds"));
    }
}

TEST_CASE("S0-36: no role that can do more than look after itself may idle over 15 minutes") {
    for (const auto& role : default_policy().roles) {
        CAPTURE(role.name);
        const bool plain = role.name == "patient" || role.name == "clinician";
        const auto refusal = refusal_of([&](Policy& policy) {
            role_of(policy, role.name).idle = (plain ? 60min : 15min) + 1s;
        });
        CHECK(refusal.reason == "policy.timer");
        CHECK(refusal.detail.starts_with(role.name + ".idle_seconds"));
    }
}

TEST_CASE("S0-08: no timer, step-up age or end can be switched off or stretched") {
    for (const auto* member :
         {"step_up_seconds", "visit_idle_seconds", "visit_max_seconds", "grant_max_seconds"}) {
        CAPTURE(member);
        for (const int value : {0, -1, 28801}) {
            const auto refusal =
                refusal_of_json([&](nlohmann::json& document) { document[member] = value; });
            CHECK(refusal.detail.starts_with(member));
        }
        const auto absent =
            refusal_of_json([&](nlohmann::json& document) { document.erase(member); });
        CHECK(absent.detail == std::string(member) + ": is missing");
    }
    CHECK(refusal_of([](Policy& policy) {
              policy.step_up_age = 301s;
          }).detail == "step_up_seconds: must be 1 to 300 seconds");
    CHECK(refusal_of([](Policy& policy) {
              policy.separation = 167h;
          }).reason == "policy.separation");
    CHECK(refusal_of([](Policy& policy) {
              auto& role = role_of(policy, "engineer");
              role.absolute = 10min;
          }).reason == "policy.timer");  // idle longer than absolute
}

TEST_CASE("S0-52 (part): the list of sensitive actions is part of each policy, and may only grow") {
    const auto listed = nlohmann::json::parse(to_json(default_policy()))["step_up"];
    for (const auto* action :
         {"user.manage",
          "audit.export",
          "recording.export",
          "vault.manage",
          "policy.propose",
          "policy.approve",
          "key.manage",
          "recovery.open",
          "recovery.approve"}) {
        CAPTURE(action);
        CHECK(std::ranges::find(listed, action) != listed.end());
        const auto refusal = refusal_of_json([&](nlohmann::json& document) {
            auto& list = document["step_up"];
            list.erase(std::ranges::find(list, action));
        });
        CHECK(refusal.reason == "policy.step_up_list");
        CHECK(refusal.detail == "step_up: must name " + std::string(action));
    }
    for (const auto* never : {"self.read", "self.manage", "device.visit"}) {
        CAPTURE(never);
        const auto refusal = refusal_of_json([&](nlohmann::json& document) {
            document["step_up"].push_back(never);
        });
        CHECK(refusal.detail == "step_up: must not name " + std::string(never));
    }
    auto more = nlohmann::json::parse(to_json(default_policy()));
    more["step_up"].push_back("recording.read");
    const auto parsed = parse_policy(more.dump());
    REQUIRE(parsed.has_value());
    CHECK(parsed->step_up.test(static_cast<std::size_t>(Permission::recording_read)));
    // Policies from before the list was part of them.
    more.erase("step_up");
    CHECK(parse_policy(more.dump())->step_up == step_up_always());
}

TEST_CASE("S0-07: a role that combines what must be apart is refused") {
    struct Case {
        const char* role;
        Permission permission;
    };

    for (const auto& [name, permission] : {
             Case{"engineer", grant_approve},
             Case{"approver", grant_request},
             Case{"approver", device_visit},
             Case{"gateway_administrator", grant_approve},
             Case{"approver", vault_manage},
             Case{"clinical_administrator", grant_approve},
             Case{"security_officer", policy_approve},
             Case{"engineer", vault_manage},
             Case{"engineer", user_manage},
             Case{"auditor", grant_revoke},
             Case{"auditor", session_end},
             Case{"auditor", policy_propose},
             Case{"auditor", connection_watch},
             Case{"auditor", key_manage},
             Case{"patient", user_read},
         }) {
        CAPTURE(name);
        CAPTURE(to_text(permission));
        const auto refusal = refusal_of([&](Policy& policy) {
            auto& role = role_of(policy, name);
            give(role, permission);
            role.idle = 15min;
        });
        CHECK(refusal.reason == "policy.roles_combined");
        CHECK(refusal.detail.starts_with(std::string(name) + ".permissions"));
    }
}

TEST_CASE("S0-07: permissions hang on roles only; a policy has no other place for one") {
    for (const auto* place : {"permissions", "accounts", "users"}) {
        CAPTURE(place);
        const auto refusal = refusal_of_json([&](nlohmann::json& document) {
            document[place] = nlohmann::json::array({"device.visit"});
        });
        CHECK(refusal.reason == "policy.malformed");
        CHECK(refusal.detail == std::string(place) + ": is not known here");
    }
}

TEST_CASE("S0-48 (part): a role without job, can, cannot or owner is refused") {
    for (const auto* member : {"job", "can", "cannot", "owner"}) {
        CAPTURE(member);
        const auto absent =
            refusal_of_json([&](nlohmann::json& document) { document["roles"][3].erase(member); });
        CHECK(absent.detail == std::string("roles[3].") + member + ": is missing");
        const auto empty =
            refusal_of_json([&](nlohmann::json& document) { document["roles"][3][member] = ""; });
        CHECK(empty.detail.starts_with(std::string("roles[3].") + member));
    }
}

TEST_CASE("only patients may sign in with one factor") {
    for (const auto& role : default_policy().roles) {
        if (role.name == "patient") continue;
        CAPTURE(role.name);
        const auto refusal =
            refusal_of([&](Policy& policy) { role_of(policy, role.name).risk = Risk::low; });
        CHECK(refusal.reason == "policy.role_too_weak");
    }
}

TEST_CASE("patients alone recover by mail, and nobody of the workforce") {
    for (const auto& role : default_policy().roles) {
        CAPTURE(role.name);
        CHECK(role.recovery_by_mail == (role.name == "patient"));
        if (role.name == "patient") continue;
        const auto refusal =
            refusal_of([&](Policy& policy) { role_of(policy, role.name).recovery_by_mail = true; });
        CHECK(refusal.reason == "policy.recovery_by_mail");
    }
}

TEST_CASE("a policy that nobody could change again is refused") {
    for (const auto permission : {user_manage, grant_approve, policy_propose, policy_approve}) {
        CAPTURE(to_text(permission));
        const auto refusal = refusal_of([&](Policy& policy) {
            for (auto& role : policy.roles) {
                role.permissions.reset(static_cast<std::size_t>(permission));
            }
        });
        CHECK(refusal.reason == "policy.locked_out");
    }
}

TEST_CASE("what is misspelled, doubled, too deep, too long or not JSON is refused") {
    const auto reason_of = [](const std::string& text) {
        const auto parsed = parse_policy(text);
        REQUIRE_FALSE(parsed.has_value());
        return parsed.error();
    };
    CHECK(reason_of("").reason == "policy.malformed");
    CHECK(reason_of("[]").detail == "not a JSON object");
    CHECK(reason_of("{\"version\": 1, \"version\": 2}").detail == "a member is there twice");
    CHECK(
        reason_of("{\"a\":" + std::string(9, '[') + std::string(9, ']') + "}").detail ==
        "more than 8 levels deep"
    );
    CHECK(reason_of("{\"a\":" + std::string(200'000, '[')).reason == "policy.malformed");
    CHECK(reason_of(std::string(300'000, ' ')).detail == "longer than 262144 bytes");
    CHECK(reason_of("{} {}").reason == "policy.malformed");
    CHECK(reason_of("{\"version\": 1e0}").detail.starts_with("version: must be a whole number"));
    CHECK(reason_of("{\"version\": 18446744073709551615}").detail.starts_with("version:"));

    CHECK(refusal_of_json([](nlohmann::json& document) {
              document["roles"][0]["permissions"].push_back("device.own");
          }).detail == "roles[0].permissions: names a permission that does not exist");
    CHECK(refusal_of_json([](nlohmann::json& document) {
              document["roles"][0]["permissions"].push_back("self.read");
          }).detail == "roles[0].permissions: names a permission twice");
    CHECK(refusal_of_json([](nlohmann::json& document) { document["roles"][0]["risk"] = "none"; }
    ).detail.starts_with("roles[0].risk"));
    CHECK(refusal_of_json([](nlohmann::json& document) {
              document["roles"][2]["name"] = "clinician";
          }).reason == "policy.role_twice");
    CHECK(refusal_of_json([](nlohmann::json& document) {
              document["roles"][1]["name"] = "Clinician";
          }).reason == "policy.role_incomplete");
    CHECK(refusal_of_json([](nlohmann::json& document) {
              document["roles"][1]["scope"] = "everywhere";
          }).reason == "policy.role_incomplete");
}

TEST_CASE("every permission has one text, and the text gives it back") {
    std::set<std::string_view> texts;
    for (std::size_t i = 0; i < permission_count; ++i) {
        const auto each = static_cast<Permission>(i);
        CHECK(texts.insert(to_text(each)).second);
        CHECK(permission(to_text(each)) == each);
    }
    CHECK(permission("device_visit") == std::nullopt);
    CHECK(permission("") == std::nullopt);
}

TEST_CASE("the diff names each member that changed, and nothing else") {
    const auto before = default_policy();
    auto after = before;
    after.version = 2;
    CHECK(diff_of(before, after).empty());

    role_of(after, "engineer").idle = 600s;
    after.notice_version = "2";
    std::swap(after.roles[0], after.roles[1]);
    CHECK(
        diff_of(before, after) ==
        "notice.version: \"1\" -> \"2\"\nroles.engineer.idle_seconds: 900 -> 600\n"
    );

    std::erase_if(after.roles, [](const RoleRules& role) { return role.name == "auditor"; });
    CHECK(
        diff_of(before, after).find("roles.auditor.name: \"auditor\" -> (gone)") !=
        std::string::npos
    );
    CHECK(
        diff_of(after, before).find("roles.auditor.name: (new) -> \"auditor\"") != std::string::npos
    );
}

TEST_CASE("S0-07: whatever set of permissions a role is given, what must be apart never passes") {
    const bool held = rc::check([] {
        auto policy = default_policy();
        auto& role = policy.roles[*rc::gen::inRange<std::size_t>(0, policy.roles.size())];
        role.permissions = PermissionSet(*rc::gen::arbitrary<std::uint64_t>());
        role.idle = 15min;

        const auto parsed = parse_policy(to_json(policy));

        if (!parsed) return;
        for (const auto& each : parsed->roles) {
            RC_ASSERT(!(holds(each, grant_approve) && holds(each, grant_request)));
            RC_ASSERT(!(holds(each, grant_approve) && holds(each, device_visit)));
            RC_ASSERT(!(holds(each, grant_approve) && holds(each, user_manage)));
            RC_ASSERT(!(holds(each, grant_approve) && holds(each, vault_manage)));
            RC_ASSERT(!(holds(each, policy_propose) && holds(each, policy_approve)));
        }
    });
    CHECK(held);
}

}  // namespace

}  // namespace sallyport::policy
