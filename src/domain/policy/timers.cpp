#include "domain/policy/timers.h"

#include "domain/policy/policy.h"

#include <algorithm>
#include <vector>

namespace sallyport::policy {

namespace {

std::string name_of(const TimerProfile& profile) {
    return profile.role + '/' + std::string(to_text(profile.zone));
}

}  // namespace

Timers timers_for(const Policy& policy, const RoleRules& role, const Segment& segment) {
    std::vector<const TimerProfile*> applicable;
    Timers timers{.idle = role.idle, .absolute = role.absolute, .profile = {}};
    for (const auto& profile : policy.timer_profiles) {
        if (profile.role != role.name || !segment.is(profile.zone)) continue;
        applicable.push_back(&profile);
        timers.idle = std::min(timers.idle, profile.idle);
        timers.absolute = std::min(timers.absolute, profile.absolute);
    }
    for (const auto* const profile : applicable) {
        if (profile->idle != timers.idle && profile->absolute != timers.absolute) continue;
        timers.profile += (timers.profile.empty() ? "" : "+") + name_of(*profile);
    }
    if (timers.profile.empty()) timers.profile = role.name;
    return timers;
}

}  // namespace sallyport::policy
