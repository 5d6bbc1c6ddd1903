#pragma once
// New recovery codes outside enrolment need a second person (S1-39): codes open an account beside a
// passphrase, so nobody makes themselves any number of them unseen.
//
//   open → approved → collected, when the holder has had them made, alone
//   open → refused;  each is over after extra_codes_max
//
// Who approves sees no code and holds none: they are made when their holder collects them. An
// account has one request at a time, the latest. The holder is told at each step, who may not have
// asked.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/policy/permit.h"
#include "domain/policy/policy.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::governance {

inline constexpr std::chrono::hours extra_codes_max{24};    // for each step
inline constexpr std::size_t extra_codes_reason_max = 200;  // bytes
inline constexpr std::int64_t extra_codes_listed_max = 200;

enum class ExtraCodesState : std::uint8_t { open, approved, refused, collected };

[[nodiscard]] std::string_view to_text(ExtraCodesState state) noexcept;

struct ExtraCodes {
    AccountId account;
    std::string reason;
    Time asked_at;
    Time ends_at;  // to be decided until then; once approved, to be collected
    ExtraCodesState state;
    std::optional<AccountId> decided_by;
    std::optional<Time> decided_at;
};

// By the account's holder, whose session, permission and step-up are the caller's. Refuses invalid
// "extra_codes.reason_malformed", conflict "extra_codes.already_asked". Writes
// recovery.codes_requested.
[[nodiscard]] Result<ExtraCodes> ask_for_codes(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const std::string& reason,
    const audit::Actor& holder
);

// Both take a Permit for recovery_approve. They refuse denied "extra_codes.wrong_permit",
// "extra_codes.own" (approving for one's own person), "user.other_scope"; conflict
// "extra_codes.not_open"; expired "extra_codes.over". They write recovery.codes_approved or
// recovery.codes_denied, and authz.denied for one's own.
[[nodiscard]] Result<ExtraCodes> approve_codes(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& account,
    const audit::Actor& actor
);
[[nodiscard]] Result<ExtraCodes> refuse_codes(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& account,
    const audit::Actor& actor
);

// The approval, used up: before authn::OwnAuthenticators::renew_recovery_codes, in its transaction.
// Refuses conflict "extra_codes.not_approved", expired "extra_codes.over".
[[nodiscard]] Result<void> use_approval(
    store::Tx& tx, const Moment& moment, const AccountId& account
);

[[nodiscard]] std::optional<ExtraCodes> find_extra_codes(store::Tx& tx, const AccountId& account);
// Open and not over, the oldest first; at most extra_codes_listed_max.
[[nodiscard]] std::vector<ExtraCodes> waiting_extra_codes(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::governance
