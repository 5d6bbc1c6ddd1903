#pragma once
// The versions of the policy: proposed by one person, approved by another, applied with the
// approval, superseded by the next. Rejected ones are kept. What was proposed never changes.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/policy/permit.h"
#include "domain/policy/policy.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::policy {

enum class VersionState : std::uint8_t { proposed, applied, superseded, rejected };

[[nodiscard]] std::string_view to_text(VersionState state) noexcept;

struct PolicyVersion {
    std::int64_t version = 0;
    std::int64_t based_on = 0;  // the version in force when it was proposed; 0: the first
    VersionState state = VersionState::proposed;
    std::string json;
    std::string diff;                      // against based_on, one line a member
    std::string rationale;                 // why; 10 to 500 bytes
    std::optional<AccountId> proposed_by;  // none: installed with the store
    Time proposed_at;
    std::optional<AccountId> decided_by;
    std::optional<Time> decided_at;
};

// Proposes `json` as the next version; its "version" member is set to the number it gets. Takes a
// Permit for policy_propose. Refuses denied "policy.wrong_permit"; invalid what parse_policy()
// refuses, "policy.rationale_short", "policy.unchanged" and "policy.timer_rationale" (a role's
// timers come without a reason); conflict "policy.role_in_use" (an account holds a role that is no
// longer there) and "policy.role_named_after_person" (S0-48). Writes config.proposed.
[[nodiscard]] Result<PolicyVersion> propose_policy(
    store::Tx& tx,
    const Moment& moment,
    const Permit& permit,
    std::string_view json,
    const std::string& rationale,
    const audit::Actor& actor
);

// Approves another's proposal and puts it into force in the same transaction. Takes a Permit for
// policy_approve. Refuses denied "policy.wrong_permit", "policy.own_proposal", "policy.same_person"
// (another account of the proposer's), "policy.account_creator" (one made the other's account);
// not_found "policy.unknown_version"; conflict "policy.already_decided", "policy.outdated" (another
// version was applied since it was proposed), "policy.role_in_use". Writes config.approved and
// config.applied. Afterwards the caller decides every live lease anew.
[[nodiscard]] Result<PolicyVersion> approve_policy(
    store::Tx& tx,
    const Moment& moment,
    const Permit& permit,
    std::int64_t version,
    const audit::Actor& actor
);

// Turns a proposal down; its proposer may, with policy_propose, and whoever holds policy_approve.
// Writes config.rejected.
[[nodiscard]] Result<PolicyVersion> reject_policy(
    store::Tx& tx,
    const Moment& moment,
    const Permit& permit,
    std::int64_t version,
    const audit::Actor& actor
);

[[nodiscard]] std::optional<PolicyVersion> find_policy_version(store::Tx& tx, std::int64_t version);
[[nodiscard]] std::vector<PolicyVersion> list_policy_versions(store::Tx& tx);  // newest first
// The number only, for caches: one indexed read.
[[nodiscard]] std::int64_t policy_version_in_force(store::Tx& tx);

// What differs, one line a member: "roles.engineer.idle_seconds: 900 -> 600". Empty if nothing but
// the version does.
[[nodiscard]] std::string diff_of(const Policy& from, const Policy& to);

}  // namespace sallyport::policy
