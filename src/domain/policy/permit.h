#pragma once
// The one decision. Facts in, a Permit or a refusal out; no clock, no database, no configuration.
// Whatever opens a door takes a Permit, and only decide() makes one (architecture, law 1).

#include "base/core/id.h"
#include "base/core/result.h"
#include "base/core/time.h"
#include "domain/policy/policy.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::policy {

// The session's part of the facts. Views: they must outlive the call of decide(), no longer.
struct Subject {
    SessionId session;
    AccountId account;
    PersonId person;
    std::string_view role;
    std::string_view scope;
    Strength proven = Strength::one_factor;
    Time last_proof;  // when a factor was last shown; what step-up looks at
    Time ends_at;     // the session's absolute end
    // The sign-in that a device host's session was handed on from: its end is this one's, too.
    std::optional<SessionId> parent = std::nullopt;
    bool limited = false;  // to looking after its own account, by the context (context.h)
    // Its last proof was a recovery code: that gives back access and never elevates (S1-39).
    bool by_recovery_code = false;

    [[nodiscard]] const SessionId& root() const noexcept { return parent ? *parent : session; }
};

// The grant's part, for a visit: the row of the grant that the subject wants to use.
struct GrantFacts {
    GrantId id;
    AccountId requester;
    DeviceId device;
    bool approved = false;  // and neither denied nor revoked
    Time from;
    Time until;
};

// In a session opened with a recovery code: so long it counts for what binds an authenticator.
inline constexpr std::chrono::minutes recovery_code_age_max{15};

struct Question {
    const Subject& subject;
    Permission action = Permission::count_;  // none yet: refused
    bool needs_step_up = false;              // besides what needs_step_up_always() asks for
    bool recovery_code_counts = false;       // as a fresh proof: what binds an authenticator
    std::optional<DeviceId> device;          // what it is about, where it is about a device
    std::optional<AccountId> about;   // whose account it is about: nobody approves for themselves
    std::optional<GrantFacts> grant;  // required for device_visit
    // When the visit began, of one that runs already: it ends policy.visit_max after that.
    std::optional<Time> visit_since = std::nullopt;
    bool clock_trustworthy = true;  // ClockState::behind refuses everything new
};

// Proof that policy said yes. Move-only: copying a yes would let it outlive its question.
class Permit {
public:
    Permit(Permit&&) noexcept = default;
    Permit& operator=(Permit&&) noexcept = default;
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;
    ~Permit() = default;

    [[nodiscard]] const SessionId& session() const noexcept { return session_; }

    // The sign-in that the session belongs to; itself, if it is one.
    [[nodiscard]] const SessionId& root_session() const noexcept { return root_session_; }

    [[nodiscard]] const AccountId& account() const noexcept { return account_; }

    [[nodiscard]] const PersonId& person() const noexcept { return person_; }

    [[nodiscard]] Permission action() const noexcept { return action_; }

    [[nodiscard]] const std::optional<DeviceId>& device() const noexcept { return device_; }

    [[nodiscard]] const std::optional<GrantId>& grant() const noexcept { return grant_; }

    [[nodiscard]] std::int64_t policy_version() const noexcept { return policy_version_; }

    // Nothing that this Permit opened may stay open after this.
    [[nodiscard]] Time ends_at() const noexcept { return ends_at_; }

    // How long that was from the decision on: the end in monotonic time, which can't be set back.
    [[nodiscard]] Duration length() const noexcept { return length_; }

private:
    friend Result<Permit> decide(const Policy& policy, const Question& question, Time now);

    Permit(const Question& question, std::int64_t policy_version, Time ends_at, Time now);

    SessionId session_;
    SessionId root_session_;
    AccountId account_;
    PersonId person_;
    Permission action_;
    std::optional<DeviceId> device_;
    std::optional<GrantId> grant_;
    std::int64_t policy_version_;
    Time ends_at_;
    Duration length_;
};

// Refuses: unauthenticated "session.ended"; denied "policy.role_unknown", "policy.not_in_role",
// "policy.too_weak", "policy.limited", "policy.own_request", "clock.behind"; step_up
// "policy.step_up"; for a visit denied "grant.missing", "grant.not_approved", "grant.other_person",
// "grant.other_device", "grant.not_yet"; expired "grant.over", "visit.over" (it ran for
// policy.visit_max); step_up "policy.recovery_code" for whoever signed in with one and wants more
// than to look after their account. Step-up is asked for last: nobody proves themselves for what
// would be refused all the same. Nothing is allocated on the way to yes.
[[nodiscard]] Result<Permit> decide(const Policy& policy, const Question& question, Time now);

}  // namespace sallyport::policy
