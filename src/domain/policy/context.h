#pragma once
// What the circumstances of a sign-in demand besides the role: the device's posture, the place, and
// the segment of the network (S1-79). They can raise what the role asks for and never lower it.

#include "domain/policy/posture.h"
#include "domain/policy/strength.h"
#include "domain/policy/zones.h"

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::audit {
struct Where;
}

namespace sallyport::policy {

struct Policy;
struct RoleRules;

// By the country that the address is registered in.
enum class Place : std::uint8_t { home, abroad, unknown };

// From the least to the most.
enum class ContextOutcome : std::uint8_t {
    allow,               // what the role asks for is enough
    step_up,             // two factors, whatever the role asks for
    phishing_resistant,  // a phishing-resistant factor
    limited,             // the session can look after its own account and nothing else
    deny,
};

[[nodiscard]] std::string_view to_text(Place place) noexcept;
[[nodiscard]] std::string_view to_text(ContextOutcome outcome) noexcept;
[[nodiscard]] std::optional<Place> place(std::string_view text) noexcept;
[[nodiscard]] std::optional<ContextOutcome> context_outcome(std::string_view text) noexcept;

// Applies where all that it names is so; what it leaves empty is any.
struct ContextRule {
    std::vector<std::string> roles;
    std::optional<Posture> posture;
    std::optional<Place> place;
    std::bitset<zone_kind_count> segments;
    ContextOutcome outcome = ContextOutcome::deny;  // never allow: it would do nothing
    std::string rationale;                          // 10 to 400 bytes

    friend bool operator==(const ContextRule&, const ContextRule&) = default;
};

struct ContextRules {
    std::vector<std::string> home_countries;  // ISO 3166-1 alpha-2; none: no place is abroad
    std::vector<OsFloor> os_floors;
    std::vector<ContextRule> rules;
};

struct ContextFacts {
    Posture posture = Posture::unknown;
    Place place = Place::unknown;
    Segment segment;
};

struct ContextDecision {
    ContextOutcome outcome = ContextOutcome::allow;  // of all rules that apply, the most
    Strength strength = Strength::one_factor;        // what must be proven; at least the role's
    bool limited = false;
};

// `claims`: of the device, by whoever looks after it; none: nobody says.
[[nodiscard]] ContextFacts context_facts(
    const Policy& policy,
    const audit::Where& where,
    const std::optional<PostureClaims>& claims,
    Time now
);

// Pure; every rule that applies counts. Where `outcome` is deny, the rest says nothing.
[[nodiscard]] ContextDecision decide_context(
    const Policy& policy, const RoleRules& role, const ContextFacts& facts
);

// The policy as it is in these circumstances: each role asks for what the context demands. For a
// sign-in that has to know which factors to ask for before it is known whose it is.
[[nodiscard]] Policy raised_by_context(Policy policy, const ContextFacts& facts);

}  // namespace sallyport::policy
