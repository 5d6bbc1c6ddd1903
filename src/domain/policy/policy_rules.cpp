#include "domain/policy/policy_rules.h"

#include "domain/policy/role_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;
using enum Permission;
using std::chrono::seconds;

constexpr seconds step_up_max = 5min;
constexpr seconds visit_idle_max = 15min;
constexpr seconds visit_max_max = 4h;
constexpr seconds grant_max_max = 8h;
constexpr std::chrono::hours separation_min = 168h;
constexpr seconds idle_max_plain = 1h;
constexpr seconds idle_max_privileged = 15min;
constexpr seconds absolute_max_patient = 4h;
constexpr seconds absolute_max_others = 8h;

bool holds(const RoleRules& role, Permission permission) {
    return role.permissions.test(static_cast<std::size_t>(permission));
}

bool is_only_self(const RoleRules& role) {
    auto others = role.permissions;
    others.reset(static_cast<std::size_t>(self_read));
    others.reset(static_cast<std::size_t>(self_manage));
    return others.none();
}

Result<void> check_timer(std::string_view member, seconds value, seconds max) {
    if (value <= 0s || value > max) {
        return refuse(
            Refusal::invalid,
            "policy.timer",
            fmt::format("{}: must be 1 to {} seconds", member, max.count())
        );
    }
    return {};
}

Result<void> check_timers(const RoleRules& role) {
    const auto absolute_max = role.name == "patient" ? absolute_max_patient : absolute_max_others;
    const auto idle_max = is_only_self(role) ? idle_max_plain : idle_max_privileged;
    SP_CHECK(check_timer(role.name + ".absolute_seconds", role.absolute, absolute_max));
    SP_CHECK(check_timer(role.name + ".idle_seconds", role.idle, std::min(idle_max, role.absolute))
    );
    if (role.unlock == 0s) return {};
    if (!is_only_self(role)) {
        return refuse(Refusal::invalid, "policy.unlock_privileged", role.name + ".unlock_seconds");
    }
    return check_timer(role.name + ".unlock_seconds", role.unlock, role.absolute);
}

bool is_role_name(std::string_view name) {
    return !name.empty() && name.size() <= 32 && name.front() >= 'a' && name.front() <= 'z' &&
           std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

Result<void> check_described(const RoleRules& role) {
    const auto incomplete = [&](std::string_view member) {
        return refuse(
            Refusal::invalid, "policy.role_incomplete", fmt::format("{}.{}", role.name, member)
        );
    };
    if (!is_role_name(role.name)) return incomplete("name: must be a-z 0-9 _");
    if (role.scope != "clinical" && role.scope != "gateway" && role.scope != "both") {
        return incomplete("scope: must be clinical, gateway or both");
    }
    if (role.job.empty()) return incomplete("job: is missing");
    if (role.can.empty()) return incomplete("can: is missing");
    if (role.cannot.empty()) return incomplete("cannot: is missing");
    if (role.owner.empty()) return incomplete("owner: is missing");
    return {};
}

// Looking, exporting what one may look at, and looking after oneself.
bool is_reading(Permission permission) {
    constexpr std::array reading{
        self_read,
        self_manage,
        user_read,
        device_read,
        grant_read,
        recording_read,
        recording_export,
        audit_read,
        audit_export,
        policy_read,
        incident_read,
    };
    return std::ranges::find(reading, permission) != reading.end();
}

bool is_read_only(const RoleRules& role) {
    for (std::size_t i = 0; i < permission_count; ++i) {
        const auto permission = static_cast<Permission>(i);
        if (holds(role, permission) && !is_reading(permission)) return false;
    }
    return true;
}

struct Apart {
    Permission one;
    Permission other;
};

constexpr std::array<Apart, 7> must_be_apart{{
    {grant_request, grant_approve},
    {device_visit, grant_approve},
    {user_manage, grant_approve},
    {vault_manage, grant_approve},
    {policy_propose, policy_approve},
    {device_visit, vault_manage},
    {device_visit, user_manage},
}};

Result<void> check_apart(const RoleRules& role) {
    for (const auto& pair : must_be_apart) {
        if (holds(role, pair.one) && holds(role, pair.other)) {
            return refuse(
                Refusal::invalid,
                "policy.roles_combined",
                fmt::format(
                    "{}.permissions: {} and {}", role.name, to_text(pair.one), to_text(pair.other)
                )
            );
        }
    }
    if (role.name == "auditor" && !is_read_only(role)) {
        return refuse(
            Refusal::invalid, "policy.roles_combined", "auditor.permissions: can change something"
        );
    }
    if (role.name == "patient" && !is_only_self(role)) {
        return refuse(
            Refusal::invalid, "policy.roles_combined", "patient.permissions: more than their own"
        );
    }
    return {};
}

// Patients alone may sign in with one factor: a written, risk-linked exception (product, roles).
Result<void> check_strength(const RoleRules& role) {
    if (role.risk == Risk::low && role.name != "patient") {
        return refuse(Refusal::invalid, "policy.role_too_weak", role.name + ".risk");
    }
    if (role.recovery_by_mail && role.name != "patient") {
        return refuse(Refusal::invalid, "policy.recovery_by_mail", role.name);
    }
    if (role.exception && role.exception->strength >= required_strength(role.risk)) {
        return refuse(
            Refusal::invalid,
            "policy.exception",
            role.name + ".exception.strength: is not less than the role's risk asks for"
        );
    }
    return {};
}

bool is_zone_name(std::string_view name) {
    const bool plain = !name.empty() && name.size() <= 32 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    // What audit events say where no zone is known.
    return plain && name != "outside" && name != "unzoned";
}

Result<void> check_zones(const Policy& policy) {
    std::set<std::string_view> names;
    for (const auto& zone : policy.zones) {
        const auto refused = [&](std::string_view why) {
            return refuse(
                Refusal::invalid, "policy.zone", fmt::format("zones.{}: {}", zone.name, why)
            );
        };
        if (!is_zone_name(zone.name)) {
            return refuse(Refusal::invalid, "policy.zone", "zones.name: must be a-z 0-9 _ -");
        }
        if (!names.insert(zone.name).second) return refused("is there twice");
        if (zone.networks.empty()) return refused("has no network");
    }
    return {};
}

Result<void> check_timer_profiles(const Policy& policy) {
    std::set<std::pair<std::string_view, ZoneKind>> seen;
    for (const auto& profile : policy.timer_profiles) {
        const auto* const role = policy.role(profile.role);
        const auto path = fmt::format("timer_profiles.{}/{}", profile.role, to_text(profile.zone));
        if (role == nullptr) {
            return refuse(
                Refusal::invalid, "policy.timer_profile", "timer_profiles.role: is not a role"
            );
        }
        if (!seen.emplace(profile.role, profile.zone).second) {
            return refuse(Refusal::invalid, "policy.timer_profile", path + ": is there twice");
        }
        if (profile.rationale.empty()) {
            return refuse(
                Refusal::invalid, "policy.timer_profile", path + ".rationale: is missing"
            );
        }
        SP_CHECK(check_timer(path + ".absolute_seconds", profile.absolute, role->absolute));
        const auto idle_max = std::min(role->idle, profile.absolute);
        SP_CHECK(check_timer(path + ".idle_seconds", profile.idle, idle_max));
    }
    return {};
}

Result<void> check_context(const Policy& policy) {
    for (const auto& rule : policy.context.rules) {
        for (const auto& name : rule.roles) {
            if (policy.role(name) == nullptr) {
                return refuse(
                    Refusal::invalid, "policy.context", "context.rules.roles: is not a role"
                );
            }
        }
    }
    std::set<std::string_view> systems;
    for (const auto& floor : policy.context.os_floors) {
        if (!systems.insert(floor.os).second) {
            return refuse(
                Refusal::invalid, "policy.context", "context.os_floors: a system is there twice"
            );
        }
    }
    return {};
}

// In the best of circumstances, wherever in the house: with a device that is known to be in order
// or of which nothing is known, at home or where nobody can tell.
bool is_let_in_somewhere(const Policy& policy, const RoleRules& role) {
    const auto is_let_in = [&](Posture posture, Place place, const Segment& segment) {
        const ContextFacts facts{.posture = posture, .place = place, .segment = segment};
        return decide_context(policy, role, facts).outcome < ContextOutcome::limited;
    };
    std::vector<Segment> segments(1);
    for (const auto& zone : policy.zones) {
        segments.emplace_back().kinds.set(static_cast<std::size_t>(zone.kind));
    }
    return std::ranges::any_of(segments, [&](const Segment& segment) {
        return is_let_in(Posture::compliant, Place::home, segment) ||
               is_let_in(Posture::unknown, Place::unknown, segment);
    });
}

// Without these held by somebody, no later policy could come into force, or nobody be let in.
Result<void> check_not_locked_out(const Policy& policy) {
    for (const auto permission : {user_manage, grant_approve, policy_propose, policy_approve}) {
        const bool held = std::ranges::any_of(policy.roles, [&](const RoleRules& role) {
            return holds(role, permission) && is_let_in_somewhere(policy, role);
        });
        if (!held) {
            return refuse(
                Refusal::invalid,
                "policy.locked_out",
                fmt::format("roles: none holds {}", to_text(permission))
            );
        }
    }
    return {};
}

Result<void> check_step_up(const Policy& policy) {
    const auto missing = step_up_always() & ~policy.step_up;
    for (std::size_t i = 0; i < permission_count; ++i) {
        if (!missing.test(i)) continue;
        return refuse(
            Refusal::invalid,
            "policy.step_up_list",
            fmt::format("step_up: must name {}", to_text(static_cast<Permission>(i)))
        );
    }
    // Proving oneself is done with the first two; a visit is longer than a proof is fresh.
    for (const auto never : {self_read, self_manage, device_visit}) {
        if (!policy.step_up.test(static_cast<std::size_t>(never))) continue;
        return refuse(
            Refusal::invalid,
            "policy.step_up_list",
            fmt::format("step_up: must not name {}", to_text(never))
        );
    }
    return {};
}

// A model is a claim until its maker vouches for it.
Result<void> check_key_models(const RoleRules& role) {
    if (role.keys.attested || role.keys.models.empty()) return {};
    return refuse(
        Refusal::invalid,
        "policy.authenticator_models",
        role.name + ".authenticator_models.attestation: must be attested"
    );
}

Result<void> check_role(const RoleRules& role) {
    SP_CHECK(check_described(role));
    SP_CHECK(check_timers(role));
    SP_CHECK(check_strength(role));
    SP_CHECK(check_key_models(role));
    SP_CHECK(check_apart(role));
    return {};
}

}  // namespace

Result<void> check_policy(const Policy& policy) {
    SP_CHECK(check_timer("step_up_seconds", policy.step_up_age, step_up_max));
    SP_CHECK(check_step_up(policy));
    SP_CHECK(check_timer("visit_idle_seconds", policy.visit_idle, visit_idle_max));
    SP_CHECK(check_timer("visit_max_seconds", policy.visit_max, visit_max_max));
    SP_CHECK(check_timer("grant_max_seconds", policy.grant_max, grant_max_max));
    if (policy.separation < separation_min) {
        return refuse(
            Refusal::invalid, "policy.separation", "separation_hours: must be 168 or more"
        );
    }
    std::set<std::string_view> names;
    for (const auto& role : policy.roles) {
        SP_CHECK(check_role(role));
        if (!names.insert(role.name).second) {
            return refuse(Refusal::invalid, "policy.role_twice", role.name);
        }
    }
    SP_CHECK(check_role_counts(policy));
    SP_CHECK(check_narrower_roles(policy));
    SP_CHECK(check_zones(policy));
    SP_CHECK(check_timer_profiles(policy));
    SP_CHECK(check_context(policy));
    SP_CHECK(check_not_locked_out(policy));
    return check_administrators(policy);
}

}  // namespace sallyport::policy
