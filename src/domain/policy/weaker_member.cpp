#include "domain/policy/weaker_member.h"

#include <algorithm>
#include <string_view>

namespace sallyport::policy {

namespace {

using Json = nlohmann::json;

bool is_there(const Json& member) {
    return !member.is_null();
}

bool is_longer(const MemberChange& change) {
    return is_there(change.before) && is_there(change.after) && change.after > change.before;
}

bool has_more(const Json& before, const Json& after) {
    return std::ranges::any_of(after, [&](const Json& item) {
        return std::ranges::find(before, item) == before.end();
    });
}

Time time_in(const Json& text) {
    return parse_time(text.get<std::string>()).value_or(Time());
}

bool is_risk_lower(const Json& before, const Json& after) {
    if (!is_there(before) || !is_there(after)) return false;
    return risk(after.get<std::string>()) < risk(before.get<std::string>());
}

bool is_exception_wider(const Json& before, const Json& after) {
    if (!is_there(after)) return false;
    if (!is_there(before)) return true;
    return strength_in_member(after) < strength_in_member(before) ||
           time_in(after["until"]) > time_in(before["until"]);
}

bool are_models_wider(const Json& before, const Json& after) {
    if (!is_there(before)) return false;
    if (!is_there(after) || after["attestation"] != before["attestation"]) return true;
    if (!before.contains("allowed_aaguids")) return false;
    return !after.contains("allowed_aaguids") ||
           has_more(before["allowed_aaguids"], after["allowed_aaguids"]);
}

// From none, any named country is more than nothing was; but what was asked of an unknown place is
// not asked any more of those that are known then.
bool is_home_larger(const Json& before, const Json& after, const Policy& from) {
    if (!before.empty()) return after.empty() || has_more(before, after);
    return std::ranges::any_of(from.context.rules, [](const ContextRule& rule) {
        return rule.place == Place::unknown;
    });
}

// What is oldest now was too old before, or is not asked about any more; or is known to be in order
// where nothing was known.
bool are_floors_lower(const Policy& from, const Policy& to) {
    const auto& after = to.context.os_floors;
    const bool known_anew = std::ranges::any_of(after, [&](const OsFloor& floor) {
        return std::ranges::find(from.context.os_floors, floor.os, &OsFloor::os) ==
               from.context.os_floors.end();
    });
    if (known_anew) return true;
    return std::ranges::any_of(from.context.os_floors, [&](const OsFloor& floor) {
        const auto now = std::ranges::find(after, floor.os, &OsFloor::os);
        if (now == after.end()) return true;
        const PostureClaims oldest{
            .disk_encrypted = true, .os = floor.os, .os_version = now->version, .reported_at = {}
        };
        return judge_posture({floor}, oldest, Time()) == Posture::not_compliant;
    });
}

// Whoever is in no zone is remote, of which most is asked.
bool is_zone_weaker(const MemberChange& change, const Policy& from, const Policy& to) {
    if (to.zones.empty()) return true;
    if (from.zones.empty()) return false;
    const auto path = std::string_view(change.path);
    const auto name = path.substr(path.find('.') + 1, path.rfind('.') - path.find('.') - 1);
    if (path.ends_with(".kind")) {
        return is_there(change.before) && is_there(change.after) && change.after != "remote";
    }
    if (!path.ends_with(".networks")) return false;
    const auto find = [&](const Policy& policy) {
        const auto found = std::ranges::find(policy.zones, name, &Zone::name);
        return found == policy.zones.end() ? nullptr : &*found;
    };
    const auto* const now = find(to);
    const auto* const before = find(from);
    // Where zones overlap, the strictest counts: what leaves a remote one is remote no more.
    const bool was_remote = before != nullptr && before->kind == ZoneKind::remote;
    const bool is_remote = now != nullptr && now->kind == ZoneKind::remote;
    return (was_remote && has_more(change.after, change.before)) ||
           (now != nullptr && !is_remote && has_more(change.before, change.after));
}

// Without its profile a zone has the role's own times, which are no shorter.
bool is_profile_weaker(const MemberChange& change, const Policy& to) {
    if (!change.path.ends_with("_seconds")) return false;
    if (is_there(change.after)) return is_longer(change);
    const auto path = std::string_view(change.path);
    const auto begin = path.find('.') + 1;
    return to.role(path.substr(begin, path.find('/') - begin)) != nullptr;
}

bool is_role_weaker(std::string_view member, const MemberChange& change) {
    const auto& [path, before, after] = change;
    if (member == "scope") return after == "both";
    if (member == "risk") return is_risk_lower(before, after);
    if (member == "exception") return is_exception_wider(before, after);
    if (member == "authenticator_models") return are_models_wider(before, after);
    if (member == "recovery_by_mail") return is_there(after);
    if (member == "key_user_verification") return is_there(before) && !is_there(after);
    return member.ends_with("_seconds") && is_longer(change);
}

}  // namespace

Strength strength_in_member(const Json& exception) {
    const auto text = exception.value("strength", "");
    for (const auto each :
         {Strength::one_factor, Strength::two_factors, Strength::phishing_resistant}) {
        if (to_text(each) == text) return each;
    }
    return Strength::device_bound;
}

bool is_weaker(const MemberChange& change, const Policy& from, const Policy& to) {
    const auto path = std::string_view(change.path);
    const auto member = path.substr(path.rfind('.') + 1);
    if (path.starts_with("roles.")) {
        const auto name = path.substr(6, path.size() - 6 - member.size() - 1);
        // Of a role that goes away nothing is asked any more, of anybody.
        if (to.role(name) == nullptr) return false;
        // Its holders could not unlock until now.
        const bool first_unlock = member == "unlock_seconds" && !is_there(change.before);
        return first_unlock ? from.role(name) != nullptr : is_role_weaker(member, change);
    }
    if (path.starts_with("zones.")) return is_zone_weaker(change, from, to);
    if (path.starts_with("timer_profiles.")) return is_profile_weaker(change, to);
    if (member == "home_countries") return is_home_larger(change.before, change.after, from);
    if (member == "os_floors") return are_floors_lower(from, to);
    if (member == "separation_hours") return change.after < change.before;
    if (member == "two_factors_for_all_from") {
        if (!is_there(change.before)) return false;
        return !is_there(change.after) || time_in(change.after) > time_in(change.before);
    }
    return member.ends_with("_seconds") && is_longer(change);
}

}  // namespace sallyport::policy
