#include "domain/directory/bounded_json.h"
#include "domain/policy/context_json.h"
#include "domain/policy/policy.h"
#include "domain/policy/policy_rules.h"
#include "domain/policy/risk_json.h"
#include "domain/policy/security_key_rules_json.h"
#include "domain/policy/zones_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace sallyport::policy {

namespace {

using directory::MemberReader;
using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t document_size_max = 256UZ << 10;
constexpr std::size_t roles_max = 10;
constexpr std::size_t name_size_max = 32;
constexpr std::size_t rationale_size_min = 20;
constexpr std::size_t sentence_size_max = 400;
constexpr std::size_t notice_size_max = 8UZ << 10;
constexpr std::int64_t day_seconds = 24LL * 60 * 60;

OrderedJson permissions_json(const PermissionSet& set) {
    auto array = OrderedJson::array();
    for (std::size_t i = 0; i < permission_count; ++i) {
        if (set.test(i)) array.push_back(to_text(static_cast<Permission>(i)));
    }
    return array;
}

OrderedJson role_json(const RoleRules& role) {
    OrderedJson json{
        {"name", role.name},
        {"scope", role.scope},
        {"job", role.job},
        {"can", role.can},
        {"cannot", role.cannot},
        {"owner", role.owner},
        {"permissions", permissions_json(role.permissions)},
        {"idle_seconds", role.idle.count()},
        {"absolute_seconds", role.absolute.count()},
    };
    if (!role.purpose.empty()) json["purpose"] = role.purpose;
    if (!role.intended_use.empty()) json["intended_use"] = role.intended_use;
    if (!role.narrows.empty()) json["narrows"] = role.narrows;
    add_risk_json(json, role);
    if (role.unlock.count() > 0) json["unlock_seconds"] = role.unlock.count();
    if (role.recovery_by_mail) json["recovery_by_mail"] = true;
    add_security_key_json(json, role.keys);
    if (!role.timer_rationale.empty()) json["timer_rationale"] = role.timer_rationale;
    return json;
}

PermissionSet permissions_in(MemberReader& members, std::string_view member) {
    PermissionSet set;
    for (const auto& name : members.array(member, permission_count)) {
        const auto* const text = name.get_ptr<const std::string*>();
        const auto known = text == nullptr ? std::nullopt : permission(*text);
        if (!known) {
            members.complain(member, "names a permission that does not exist");
            return {};
        }
        const auto index = static_cast<std::size_t>(*known);
        if (set.test(index)) members.complain(member, "names a permission twice");
        set.set(index);
    }
    return set;
}

std::chrono::seconds seconds_in(MemberReader& members, std::string_view name) {
    return std::chrono::seconds(members.integer(name, 1, 7 * day_seconds));
}

Time time_in(MemberReader& members, std::string_view name) {
    const auto time = parse_time(members.text(name, 1, name_size_max));
    if (!time) members.complain(name, "must be a time such as 2026-11-22T08:30:00Z");
    return time.value_or(Time());
}

RoleRules role_in(const Json& object, const std::string& path, std::string& problem) {
    MemberReader members(object, path, problem);
    RoleRules role;
    role.name = members.text("name", 1, name_size_max);
    role.scope = members.text("scope", 1, name_size_max);
    role.job = members.text("job", 1, sentence_size_max);
    role.can = members.text("can", 1, sentence_size_max);
    role.cannot = members.text("cannot", 1, sentence_size_max);
    role.owner = members.text("owner", 1, sentence_size_max);
    role.permissions = permissions_in(members, "permissions");
    if (members.has("purpose")) role.purpose = members.text("purpose", 1, sentence_size_max);
    if (members.has("intended_use")) {
        role.intended_use = members.text("intended_use", 1, sentence_size_max);
    }
    if (members.has("narrows")) role.narrows = members.text("narrows", 1, name_size_max);
    read_risk(members, path, problem, role);
    if (members.has("recovery_by_mail")) {
        role.recovery_by_mail = members.boolean("recovery_by_mail");
    }
    role.keys = read_security_key_rules(members, path, problem);
    role.idle = seconds_in(members, "idle_seconds");
    role.absolute = seconds_in(members, "absolute_seconds");
    if (members.has("unlock_seconds")) role.unlock = seconds_in(members, "unlock_seconds");
    // Policies from before it was asked for are still run under; proposing one is refused.
    if (members.has("timer_rationale")) {
        role.timer_rationale =
            members.text("timer_rationale", timer_rationale_size_min, timer_rationale_size_max);
    }
    members.finish();
    return role;
}

}  // namespace

std::string to_json(const Policy& policy) {
    auto roles = OrderedJson::array();
    for (const auto& role : policy.roles) {
        roles.push_back(role_json(role));
    }
    OrderedJson document{
        {"version", policy.version},
        {"step_up_seconds", policy.step_up_age.count()},
        {"step_up", permissions_json(policy.step_up)},
        {"visit_idle_seconds", policy.visit_idle.count()},
        {"visit_max_seconds", policy.visit_max.count()},
        {"grant_max_seconds", policy.grant_max.count()},
        {"separation_hours", policy.separation.count()},
        {"notice", {{"version", policy.notice_version}, {"text", policy.notice_text}}},
        {"roles", std::move(roles)},
        {"zones", zones_json(policy)},
        {"timer_profiles", timer_profiles_json(policy)},
        {"context", context_json(policy.context)},
    };
    if (policy.two_factors_for_all_from) {
        document["two_factors_for_all_from"] = sallyport::to_text(*policy.two_factors_for_all_from);
    }
    if (!policy.role_count_rationale.empty()) {
        document["role_count_rationale"] = policy.role_count_rationale;
    }
    return document.dump(2);
}

Result<Policy> parse_policy(std::string_view json) {
    std::string problem;
    Json document;
    if (!directory::parse_bounded_json(json, document_size_max, document, problem)) {
        return refuse(Refusal::invalid, "policy.malformed", std::move(problem));
    }

    Policy policy;
    MemberReader members(document, "", problem);
    policy.version = members.integer("version", 1, 1'000'000'000);
    policy.step_up_age = seconds_in(members, "step_up_seconds");
    // Policies from before the list was part of them ask for what every policy asks for.
    if (members.has("step_up")) policy.step_up = permissions_in(members, "step_up");
    policy.visit_idle = seconds_in(members, "visit_idle_seconds");
    policy.visit_max = seconds_in(members, "visit_max_seconds");
    policy.grant_max = seconds_in(members, "grant_max_seconds");
    policy.separation = std::chrono::hours(members.integer("separation_hours", 1, 366LL * 24));
    MemberReader notice(members.object("notice"), "notice", problem);
    policy.notice_version = notice.text("version", 1, name_size_max);
    policy.notice_text = notice.text("text", 1, notice_size_max);
    notice.finish();
    if (members.has("role_count_rationale")) {
        policy.role_count_rationale =
            members.text("role_count_rationale", rationale_size_min, sentence_size_max);
    }
    if (members.has("two_factors_for_all_from")) {
        policy.two_factors_for_all_from = time_in(members, "two_factors_for_all_from");
    }
    const auto& roles = members.array("roles", roles_max);
    for (std::size_t i = 0; i < roles.size(); ++i) {
        policy.roles.push_back(role_in(roles[i], fmt::format("roles[{}]", i), problem));
    }
    read_zones(members, problem, policy);
    read_timer_profiles(members, problem, policy);
    read_context(members, problem, policy);
    members.finish();
    if (!problem.empty()) return refuse(Refusal::invalid, "policy.malformed", std::move(problem));

    SP_CHECK(check_policy(policy));
    return policy;
}

}  // namespace sallyport::policy
