#pragma once
// What a long-lived connection holds instead of a Permit, so that it can be cut. Registered by
// person, account, session, sign-in, grant, device and policy version; whatever ends one of those
// cuts every lease that names it, and a change of the policy has each decided anew.

#include "base/core/id.h"
#include "base/core/time.h"
#include "domain/policy/permit.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace sallyport::policy {

enum class CutCause : std::uint8_t {
    grant_over,
    grant_revoked,
    logout,
    session_ended,
    role_changed,
    account_disabled,
    device_retired,
    policy_changed,
    ended_by_watcher,
    recorder_failed,
    shutdown
};

[[nodiscard]] std::string_view to_text(CutCause cause) noexcept;

// What a lease is registered by, and what a decision anew starts from.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): an id can't be left out
struct HeldLease {
    ConnectionId connection;
    SessionId session;
    SessionId root_session;  // the sign-in that it was handed on from, or itself
    AccountId account;
    PersonId person;
    Permission action = Permission::device_visit;
    std::optional<DeviceId> device;
    std::optional<GrantId> grant;
    std::int64_t policy_version = 0;
    Time decided_at;  // for the first time
    Time ends_at;
    std::optional<Duration> ends_at_monotonic;  // known from the first sweep after hold() on

    // What time it is for this lease: by the later of the two clocks, so that a wall clock that is
    // set back changes no answer about what runs already.
    [[nodiscard]] Time now(Time wall, Duration monotonic) const noexcept;
};

class Leases;

// RAII: destroyed, it leaves the registry. Move-only.
class Lease {
public:
    Lease(Lease&&) noexcept;
    Lease& operator=(Lease&&) noexcept;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();

    // As last decided, while it is held.
    [[nodiscard]] Time ends_at() const;

private:
    friend class Leases;
    struct State;
    explicit Lease(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

// Thread-safe. Callbacks run on the thread that cuts, once each, without the registry's lock held;
// they post to their own executor and return at once. A callback may still be running when its
// lease is destroyed elsewhere: it must own (or weakly hold) what it uses.
class Leases {
public:
    Leases();
    ~Leases();
    Leases(const Leases&) = delete;
    Leases& operator=(const Leases&) = delete;
    Leases(Leases&&) = delete;
    Leases& operator=(Leases&&) = delete;

    using OnCut = std::move_only_function<void(CutCause)>;
    [[nodiscard]] Lease hold(const Permit& permit, const ConnectionId& connection, OnCut on_cut);

    // Each returns how many were cut. What a callback throws is thrown on once all are told.
    //
    // A sign-in's takes those of the device hosts that it was handed on to with it; a device
    // host's takes its own only.
    std::size_t cut_session(const SessionId& session, CutCause cause);
    std::size_t cut_account(const AccountId& account, CutCause cause);
    std::size_t cut_grant(const GrantId& grant, CutCause cause);
    std::size_t cut_device(const DeviceId& device, CutCause cause);
    std::size_t cut_connection(const ConnectionId& connection, CutCause cause);
    std::size_t cut_all(CutCause cause);
    // Called every 250 ms: cuts what has ended by now, wall or monotonic, whichever is first: a
    // clock that steps back keeps nothing open. (The monotonic end is counted from the first call
    // after hold().)
    std::size_t cut_ended(Time now, Duration monotonic);

    [[nodiscard]] std::vector<HeldLease> list() const;
    // After a policy change: what was decided under an older version and is to be decided anew…
    [[nodiscard]] std::vector<HeldLease> decided_before(std::int64_t policy_version) const;
    // … and goes on if that gave another Permit: under its version, to its end if that is sooner.
    // A lease is never prolonged. False if it was cut or given back meanwhile, or decided under a
    // version as new already. A Permit for anything else changes nothing.
    bool renew(const ConnectionId& connection, const Permit& permit);
    // Nobody knows whether what was just written is so (a commit without an answer): every lease
    // counts as decided before any version, until it is renewed.
    void doubt_all();

private:
    friend struct Lease::State;
    struct Registry;
    std::shared_ptr<Registry> registry_;
};

}  // namespace sallyport::policy
