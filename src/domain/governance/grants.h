#pragma once
// Who may visit which device, for what, how long: asked for by one person, approved by another.
// States: requested → approved | denied; approved → revoked, or over when `until` has passed.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/page.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/policy/permit.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::governance {

enum class GrantState : std::uint8_t { requested, approved, denied, revoked };

struct Grant {
    GrantId id;
    AccountId requester;
    DeviceId device;
    std::string purpose;        // 10 to 500 bytes
    std::string change_ticket;  // 1 to 64 bytes: letters, digits, . _ - / #
    Time from;
    Time until;
    std::vector<std::string> capabilities;  // e.g. {"firmware"}; see PathRule::needs
    GrantState state = GrantState::requested;
    Time requested_at;
    std::optional<AccountId> decided_by;
    std::optional<Time> decided_at;
    std::string decision_reason;
    std::optional<AccountId> ended_by;  // who revoked it
    std::optional<Time> ended_at;
    std::string end_reason;

    [[nodiscard]] policy::GrantFacts facts() const;
};

struct GrantRequest {
    DeviceId device;
    std::string purpose;
    std::string change_ticket;
    Time from;
    Time until;
    std::vector<std::string> capabilities;
};

[[nodiscard]] std::string_view to_text(GrantState state) noexcept;

// Asks. Takes a Permit for grant_request. Refuses denied "grant.wrong_permit" and
// "grant.role_cannot_visit" (the requester's role lacks device_visit); invalid
// "grant.purpose_short", "grant.purpose_malformed", "grant.ticket_malformed", "grant.window"
// (until ≤ from, in the past, longer than the policy allows, beginning later than in 90 days),
// "grant.capability_unknown" (no rule of the device's profile needs it); not_found
// "device.unknown"; conflict "device.retired"; throttled "grant.too_many_open" (50 of one requester
// undecided). Writes grant.requested.
[[nodiscard]] Result<Grant> request_grant(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const GrantRequest& wanted,
    const audit::Actor& actor
);

enum class Verdict : std::uint8_t { approve, deny };

// Decides another's request. Takes a Permit for grant_approve. Refuses denied
// "grant.wrong_permit", "grant.own_request", "grant.same_person" (another account of one's own),
// "grant.account_creator", "grant.factor_issuer" (issued or reset the other's factor within
// policy.separation), "grant.secret_keeper" (stored this device's secret), each judged by person,
// so that a second account changes nothing, and creator and issuer either way round: whoever holds
// the approver's factors would be approving for themselves. Further denied
// "grant.decider_not_active" (or no longer an approver), "grant.requester_not_active" and
// "grant.role_cannot_visit"; invalid "grant.reason_malformed"
// (over 500 bytes, or none for a denial); not_found "grant.unknown"; conflict
// "grant.already_decided", "device.retired"; expired "grant.over". There is no other way to an
// approved grant (L-02). Writes grant.approved/denied, and authz.denied where who decides was the
// trouble.
[[nodiscard]] Result<Grant> decide_grant(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const GrantId& grant,
    Verdict verdict,
    const std::string& reason,
    const audit::Actor& actor
);

// Ends an approved grant early: a holder of grant_revoke, or its requester with a Permit for
// grant_request or self_manage. Refuses denied "grant.wrong_permit", not_found "grant.unknown",
// conflict "grant.not_approved", expired "grant.over", invalid "grant.reason_malformed". Writes
// grant.revoked; the caller cuts its leases.
[[nodiscard]] Result<Grant> revoke_grant(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const GrantId& grant,
    const std::string& reason,
    const audit::Actor& actor
);

[[nodiscard]] std::optional<Grant> find_grant(store::Tx& tx, const GrantId& id);

struct GrantFilter {
    // Written out, so that a caller may name only the conditions it asks for.
    std::optional<AccountId> requester = {};
    std::optional<Time> undecided_at = {};             // waiting for a decision at that time
    std::optional<store::Place<GrantId>> after = {};   // asked for before this one; for paging
    std::size_t count_max = store::page_rows_default;  // of a page
};

// Newest first.
[[nodiscard]] store::Page<Grant> list_grants(store::Tx& tx, const GrantFilter& filter);
// What this account asked for last for this device, whatever became of it.
[[nodiscard]] std::optional<Grant> latest_grant(
    store::Tx& tx, const AccountId& account, const DeviceId& device
);
// The approved grant of this account for this device that is open at `now`; the latest `until`
// wins. None for a retired device.
[[nodiscard]] std::optional<Grant> open_grant(
    store::Tx& tx, const AccountId& account, const DeviceId& device, Time now
);

// For every device the one that open_grant() gives, in the order of the devices' names.
[[nodiscard]] std::vector<Grant> open_grants(store::Tx& tx, const AccountId& account, Time now);

// Writes grant.expired, once each, for approved grants that are over; at most 500 in one call.
// Called every few seconds; the caller cuts what is left of their leases.
std::vector<GrantId> sweep_ended_grants(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::governance
