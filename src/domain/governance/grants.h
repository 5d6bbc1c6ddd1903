#pragma once
// Who may visit which device, for what, how long: asked for by one person, approved by another.
// States: requested → approved | denied; approved → revoked, or over when `until` has passed.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
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

// Asks. Takes a Permit for grant_request. Refuses invalid "grant.purpose_short",
// "grant.ticket_malformed", "grant.window" (until ≤ from, in the past, longer than the policy
// allows), not_found "device.unknown". Writes grant.requested.
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
// "grant.own_request", "grant.same_person" (another account of one's own), "grant.account_creator",
// "grant.factor_issuer" (issued or reset the requester's factor within policy.separation),
// "grant.secret_keeper" (stored this device's secret); conflict "grant.already_decided"; expired
// "grant.over". There is no other way to an approved grant (L-02). Writes grant.approved/denied.
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

// Ends an approved grant early (its requester, or a holder of grant_revoke). Writes grant.revoked.
[[nodiscard]] Result<Grant> revoke_grant(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const GrantId& grant,
    const std::string& reason,
    const audit::Actor& actor
);

[[nodiscard]] std::optional<Grant> find_grant(store::Tx& tx, const GrantId& id);
[[nodiscard]] std::vector<Grant> list_grants(store::Tx& tx, const std::optional<AccountId>& requester);
// The approved grant of this account for this device that is open at `now`; the latest `until` wins.
[[nodiscard]] std::optional<Grant> open_grant(
    store::Tx& tx, const AccountId& account, const DeviceId& device, Time now
);

}  // namespace sallyport::governance
