#pragma once
// How long a session may be idle, and how long it may live: the role's own timers, and those of
// the zone that the person is in, whichever are stricter (S0-55). A zone never lengthens anything.

#include "domain/policy/zones.h"

#include <chrono>
#include <string>
#include <string_view>

namespace sallyport::policy {

struct RoleRules;

// What a role's sessions have in zones of one kind.
struct TimerProfile {
    std::string role;
    ZoneKind zone = ZoneKind::remote;
    std::chrono::seconds idle{};      // > 0; at most the role's
    std::chrono::seconds absolute{};  // > 0; at most the role's, and not below idle
    std::string rationale;            // why these fit the work done there; 10 to 400 bytes (S0-46)
};

struct Timers {
    std::chrono::seconds idle{};
    std::chrono::seconds absolute{};
    // What they came from, for the session's event: "clinician" (the role's own) or
    // "clinician/ward"; joined by '+' if several profiles gave them.
    std::string profile;
};

// The strictest of what applies. Pure.
[[nodiscard]] Timers timers_for(
    const Policy& policy, const RoleRules& role, const Segment& segment
);

}  // namespace sallyport::policy
