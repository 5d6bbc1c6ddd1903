#pragma once
// The policy in force: roles, timers, and what each role may do. Versioned in the store as JSON;
// every decision names the version that it was made under. People get no permissions of their
// own: permissions hang on roles only, and an account has exactly one role (S0-07).

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/policy/context.h"
#include "domain/policy/permission.h"
#include "domain/policy/risk.h"
#include "domain/policy/security_key_rules.h"
#include "domain/policy/strength.h"
#include "domain/policy/timers.h"
#include "domain/policy/zones.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::policy {

struct RoleRules {
    std::string name;   // "engineer"
    std::string scope;  // "clinical", "gateway" or "both"
    std::string job;    // the job function, in a sentence
    std::string can;
    std::string cannot;
    std::string owner;  // which function in the hospital answers for it
    // What it is there for, and where the intended use says so; empty in old policies (S0-48).
    std::string purpose{};
    std::string intended_use{};
    // The role of the same scope that this one is a narrower form of, and read together with; else
    // empty.
    std::string narrows{};
    PermissionSet permissions;
    Risk risk = Risk::critical;
    std::string risk_item{
    };  // where the risk file accepts a single factor (S0-25); else may be empty
    std::optional<StrengthException> exception{};
    // What must be proven: of the risk class; in a policy as CurrentPolicy gives it, what is
    // demanded now.
    Strength strength = Strength::device_bound;
    std::chrono::seconds idle{};      // > 0; a session ends when no person asked anything this long
    std::chrono::seconds absolute{};  // > 0; and never lives longer than this
    // Since all factors were shown: how long at a workstation of a clinical area idleness locks a
    // session in place of ending it, and one factor or a badge opens it again (S1-33, S1-34). Zero:
    // idleness ends it. Only for roles without rights over others.
    std::chrono::seconds unlock{};
    std::string timer_rationale{};  // why these fit the role's work; empty in old policies
    // Whether its holders recover their accounts alone, by a code to their mail address (S0-27).
    bool recovery_by_mail = false;
    SecurityKeyRules keys{};  // what is asked of security keys and passkeys
};

struct Policy {
    std::int64_t version = 0;
    std::vector<RoleRules> roles;
    std::vector<Zone> zones;                   // none: where somebody is makes no difference
    ContextRules context;                      // what posture, place and segment demand
    std::vector<TimerProfile> timer_profiles;  // stricter timers by role and zone
    std::chrono::seconds step_up_age{300};     // S0-37; never above 5 minutes
    // The sensitive actions: what asks for a proof of that age, whichever route it is done by.
    PermissionSet step_up = step_up_always();
    std::chrono::seconds visit_idle{900};   // a device visit without traffic ends
    std::chrono::seconds visit_max{14400};  // and never lives longer than 4 h
    std::chrono::seconds grant_max{28800};  // the longest grant that can be asked for
    std::chrono::hours separation{168};     // SoD: 7 days after issuing or resetting a factor
    // From then on nobody signs in with one factor, patients neither (S0-53); none: never. What
    // lies before it is the time of grace, in which they are told.
    std::optional<Time> two_factors_for_all_from{};
    // Why a scope has more than five roles; else empty (S0-06).
    std::string role_count_rationale{};
    std::string notice_version;  // the recording notice that people accept
    std::string notice_text;     // who may watch, how long it is kept, why

    [[nodiscard]] const RoleRules* role(std::string_view name) const noexcept;
};

// The shipped policy: the roles of product.md with their timers. version is 1.
[[nodiscard]] Policy default_policy();

[[nodiscard]] std::string to_json(const Policy& policy);
// Refuses invalid "policy.malformed" (not such a document: the detail names the member; a timer
// that is absent, zero or negative, too), and what check_policy() (policy_rules.h) finds unsafe to
// run under: S0-06, S0-07, S0-08, S0-15, S0-48.
[[nodiscard]] Result<Policy> parse_policy(std::string_view json);

// The version in force; callers keep it and ask for its number only (policy_store.h). A fault if
// there is none.
[[nodiscard]] std::shared_ptr<const Policy> policy_in_force(store::Tx& tx);
// Puts the shipped policy into force when the store is made. A fault if there is one already.
void install_first_policy(store::Tx& tx, const Policy& policy, const Moment& moment);

}  // namespace sallyport::policy
