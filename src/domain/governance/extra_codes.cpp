#include "domain/governance/extra_codes.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/authn/person_notice.h"
#include "domain/directory/account.h"
#include "domain/directory/text_rules.h"
#include "domain/governance/user_admin.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sallyport::governance {

using store::value;

namespace {

using authn::NoticeKind;
using directory::Account;
using policy::Permission;

constexpr std::array<std::string_view, 4> state_texts = {
    "open", "approved", "refused", "collected"
};

constexpr std::string_view columns =
    "SELECT account_id, reason, asked_at, ends_at, state, decided_by, decided_at FROM extra_codes ";

ExtraCodes read_row(const store::Row& row) {
    const auto* const state = std::ranges::find(state_texts, row.text(4));
    if (state == state_texts.end()) throw Fault("a row of extra codes has an unknown state");
    return {
        .account = row.id<AccountId>(0),
        .reason = row.text(1),
        .asked_at = row.time(2),
        .ends_at = row.time(3),
        .state = static_cast<ExtraCodesState>(state - state_texts.begin()),
        .decided_by = row.maybe_id<AccountId>(5),
        .decided_at = row.maybe_time(6),
    };
}

void write_row(store::Tx& tx, const ExtraCodes& codes) {
    tx.execute(
        "INSERT INTO extra_codes (account_id, reason, asked_at, ends_at, state, decided_by, "
        "decided_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id) DO UPDATE SET "
        "reason = excluded.reason, asked_at = excluded.asked_at, ends_at = excluded.ends_at, "
        "state = excluded.state, decided_by = excluded.decided_by, "
        "decided_at = excluded.decided_at",
        {value(codes.account),
         codes.reason,
         value(codes.asked_at),
         value(codes.ends_at),
         std::string(to_text(codes.state)),
         value(codes.decided_by),
         value(codes.decided_at)}
    );
}

bool is_running(const ExtraCodes& codes, Time now) {
    const bool undone =
        codes.state == ExtraCodesState::open || codes.state == ExtraCodesState::approved;
    return undone && now < codes.ends_at;
}

void write_event(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    std::string_view type,
    std::string verb,
    const ExtraCodes& codes
) {
    auto event = audit::event_by(actor, type, std::move(verb), "account:" + codes.account.text());
    event.fields = {
        {.name = "reason", .value = codes.reason},
        {.name = "until", .value = sallyport::to_text(codes.ends_at)},
    };
    audit::append(tx, moment, event);
}

// The Permit was made from a session in memory; the row is what counts by now.
Result<Account> deciding_account(
    store::Tx& tx,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const audit::Actor& actor
) {
    constexpr auto permission = Permission::recovery_approve;
    auto account = directory::find_account(tx, permit.account());
    const auto* const role = account ? policy.role(account->role) : nullptr;
    const bool may = permit.action() == permission && actor.who.account == permit.account() &&
                     role != nullptr && account->state == directory::AccountState::active &&
                     role->permissions.test(static_cast<std::size_t>(permission));
    if (!may) return refuse(Refusal::denied, "extra_codes.wrong_permit");
    return *std::move(account);
}

// What waits for a decision by this person.
Result<ExtraCodes> to_decide(
    store::Tx& tx, const Moment& moment, const AccountId& account, const Account& decider
) {
    const auto holder = directory::find_account(tx, account);
    auto codes = find_extra_codes(tx, account);
    if (!holder || !codes || codes->state != ExtraCodesState::open) {
        return refuse(Refusal::conflict, "extra_codes.not_open");
    }
    if (!reaches(decider, holder->scope)) return refuse(Refusal::denied, "user.other_scope");
    if (moment.now >= codes->ends_at) return refuse(Refusal::expired, "extra_codes.over");
    return *std::move(codes);
}

bool is_same_person(store::Tx& tx, const AccountId& account, const Account& decider) {
    const auto holder = directory::find_account(tx, account);
    return holder && holder->person == decider.person;
}

void append_denied(
    store::Tx& tx, const Moment& moment, const audit::Actor& actor, const AccountId& account
) {
    auto event = audit::event_by(actor, "authz.denied", "decide", "account:" + account.text());
    event.outcome = audit::Outcome::refused;
    event.reason = "extra_codes.own";
    audit::append(tx, moment, event);
}

}  // namespace

std::string_view to_text(ExtraCodesState state) noexcept {
    return state_texts[static_cast<std::size_t>(state)];
}

Result<ExtraCodes> ask_for_codes(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const std::string& reason,
    const audit::Actor& holder
) {
    if (!directory::is_clean_text(reason, 1, extra_codes_reason_max)) {
        return refuse(Refusal::invalid, "extra_codes.reason_malformed");
    }
    const auto before = find_extra_codes(tx, account);
    if (before && is_running(*before, moment.now)) {
        return refuse(Refusal::conflict, "extra_codes.already_asked");
    }
    ExtraCodes codes{
        .account = account,
        .reason = reason,
        .asked_at = moment.now,
        .ends_at = moment.now + extra_codes_max,
        .state = ExtraCodesState::open,
        .decided_by = std::nullopt,
        .decided_at = std::nullopt,
    };
    write_row(tx, codes);
    write_event(tx, moment, holder, "recovery.codes_requested", "request", codes);
    authn::notify(tx, moment, account, NoticeKind::extra_codes_asked, "");
    return codes;
}

Result<ExtraCodes> approve_codes(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& account,
    const audit::Actor& actor
) {
    SP_TRY(const auto decider, deciding_account(tx, policy, permit, actor));
    if (is_same_person(tx, account, decider)) {
        append_denied(tx, moment, actor, account);
        return refuse(Refusal::denied, "extra_codes.own");
    }
    SP_TRY(auto codes, to_decide(tx, moment, account, decider));
    codes.state = ExtraCodesState::approved;
    codes.ends_at = moment.now + extra_codes_max;
    codes.decided_by = decider.id;
    codes.decided_at = moment.now;
    write_row(tx, codes);
    write_event(tx, moment, actor, "recovery.codes_approved", "approve", codes);
    authn::notify(tx, moment, account, NoticeKind::extra_codes_approved, decider.login_name.text());
    return codes;
}

Result<ExtraCodes> refuse_codes(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& account,
    const audit::Actor& actor
) {
    SP_TRY(const auto decider, deciding_account(tx, policy, permit, actor));
    SP_TRY(auto codes, to_decide(tx, moment, account, decider));
    codes.state = ExtraCodesState::refused;
    codes.decided_by = decider.id;
    codes.decided_at = moment.now;
    write_row(tx, codes);
    write_event(tx, moment, actor, "recovery.codes_denied", "deny", codes);
    authn::notify(tx, moment, account, NoticeKind::extra_codes_refused, decider.login_name.text());
    return codes;
}

Result<void> use_approval(store::Tx& tx, const Moment& moment, const AccountId& account) {
    auto codes = find_extra_codes(tx, account);
    if (!codes || codes->state != ExtraCodesState::approved) {
        return refuse(Refusal::conflict, "extra_codes.not_approved");
    }
    if (moment.now >= codes->ends_at) return refuse(Refusal::expired, "extra_codes.over");
    codes->state = ExtraCodesState::collected;
    write_row(tx, *codes);
    return {};
}

std::optional<ExtraCodes> find_extra_codes(store::Tx& tx, const AccountId& account) {
    const auto rows = tx.query(std::string(columns) + "WHERE account_id = ?", {value(account)});
    if (rows.empty()) return std::nullopt;
    return read_row(rows.front());
}

std::vector<ExtraCodes> waiting_extra_codes(store::Tx& tx, const Moment& moment) {
    std::vector<ExtraCodes> waiting;
    const auto rows = tx.query(
        std::string(columns) +
            "WHERE state = 'open' AND ends_at > ? ORDER BY asked_at, account_id LIMIT ?",
        {value(moment.now), extra_codes_listed_max}
    );
    waiting.reserve(rows.size());
    for (const auto& row : rows) {
        waiting.push_back(read_row(row));
    }
    return waiting;
}

}  // namespace sallyport::governance
