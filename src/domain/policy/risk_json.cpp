#include "domain/policy/risk_json.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sallyport::policy {

namespace {

using directory::MemberReader;
using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t word_size_max = 32;
constexpr std::size_t item_size_max = 100;
constexpr std::size_t reason_size_min = 10;
constexpr std::size_t reason_size_max = 400;
constexpr std::size_t person_size_min = 3;

constexpr std::array<std::pair<Strength, std::string_view>, 4> strength_texts{{
    {Strength::one_factor, "one_factor"},
    {Strength::two_factors, "two_factors"},
    {Strength::phishing_resistant, "phishing_resistant"},
    {Strength::device_bound, "device_bound"},
}};

Strength strength_in(MemberReader& members) {
    const auto text = members.text("strength", 1, word_size_max);
    const auto* const found =
        std::ranges::find(strength_texts, text, &decltype(strength_texts)::value_type::second);
    if (found == strength_texts.end()) {
        members.complain(
            "strength", "must be one_factor, two_factors, phishing_resistant or device_bound"
        );
        return Strength::device_bound;
    }
    return found->first;
}

Risk risk_in(MemberReader& members) {
    const auto found = risk(members.text("risk", 1, word_size_max));
    if (!found) members.complain("risk", "must be low, medium, high or critical");
    return found.value_or(Risk::critical);
}

Risk risk_of(Strength strength) {
    switch (strength) {
        case Strength::one_factor:
            return Risk::low;
        case Strength::two_factors:
            return Risk::medium;
        case Strength::phishing_resistant:
            return Risk::high;
        case Strength::device_bound:
            return Risk::critical;
    }
    return Risk::critical;
}

StrengthException exception_in(const Json& object, const std::string& path, std::string& problem) {
    MemberReader members(object, path, problem);
    StrengthException exception;
    exception.strength = strength_in(members);
    exception.risk_item = members.text("risk_item", 1, item_size_max);
    exception.reason = members.text("reason", reason_size_min, reason_size_max);
    exception.accepted_by = members.text("accepted_by", person_size_min, item_size_max);
    const auto until = parse_time(members.text("until", 1, word_size_max));
    if (!until) members.complain("until", "must be a time such as 2026-11-22T08:30:00Z");
    exception.until = until.value_or(Time());
    members.finish();
    return exception;
}

}  // namespace

std::string_view to_text(Strength strength) noexcept {
    return std::ranges::find(strength_texts, strength, &decltype(strength_texts)::value_type::first)
        ->second;
}

void add_risk_json(OrderedJson& role_json, const RoleRules& role) {
    role_json["risk"] = to_text(role.risk);
    if (!role.risk_item.empty()) role_json["risk_item"] = role.risk_item;
    if (!role.exception) return;
    role_json["exception"] = {
        {"strength", to_text(role.exception->strength)},
        {"risk_item", role.exception->risk_item},
        {"reason", role.exception->reason},
        {"accepted_by", role.exception->accepted_by},
        {"until", sallyport::to_text(role.exception->until)},
    };
}

void read_risk(
    MemberReader& members, const std::string& path, std::string& problem, RoleRules& role
) {
    role.risk = members.has("risk") ? risk_in(members) : risk_of(strength_in(members));
    role.strength = required_strength(role.risk);
    if (members.has("risk_item")) role.risk_item = members.text("risk_item", 1, item_size_max);
    if (members.has("exception")) {
        role.exception = exception_in(members.object("exception"), path + ".exception", problem);
    }
}

}  // namespace sallyport::policy
