#include "domain/governance/recovery.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/ticket.h"
#include "domain/directory/account.h"
#include "domain/directory/text_rules.h"
#include "domain/governance/factor_custody.h"
#include "domain/governance/recovery_steps.h"
#include "domain/governance/recovery_store.h"
#include "domain/governance/separation.h"
#include "domain/governance/user_admin.h"

#include <algorithm>
#include <utility>

namespace sallyport::governance {

namespace {

using authn::NoticeKind;
using directory::Account;
using policy::Permission;

constexpr std::int64_t sweep_max = 500;

bool is_strong(CallerCheck check) {
    return check != CallerCheck::manager_confirmed;
}

std::string words(const std::vector<CallerCheck>& checks) {
    std::string text;
    for (const auto check : checks) {
        if (!text.empty()) text += ' ';
        text += to_text(check);
    }
    return text;
}

// The Permit was made from a session in memory; the row is what counts by now.
Result<Account> acting_account(
    store::Tx& tx,
    const policy::Policy& policy,
    const policy::Permit& permit,
    Permission permission,
    const audit::Actor& actor
) {
    if (permit.action() != permission || actor.who.account != permit.account()) {
        return refuse(Refusal::denied, "recovery.wrong_permit");
    }
    auto account = directory::find_account(tx, permit.account());
    const auto* const role = account ? policy.role(account->role) : nullptr;
    const bool may = role != nullptr && account->state == directory::AccountState::active &&
                     role->permissions.test(static_cast<std::size_t>(permission));
    if (!may) return refuse(Refusal::denied, "recovery.actor_not_active");
    return *std::move(account);
}

void append_denied(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    const std::string& object,
    std::string_view reason
) {
    auto event = audit::event_by(actor, "authz.denied", "decide", object);
    event.outcome = audit::Outcome::refused;
    event.reason = reason;
    audit::append(tx, moment, event);
}

Result<void> check_request(const RecoveryRequest& wanted) {
    if (std::ranges::none_of(wanted.checks, is_strong)) {
        return refuse(Refusal::invalid, "recovery.check_missing");
    }
    const bool clean =
        wanted.note.empty() || directory::is_clean_text(wanted.note, 1, recovery_text_max);
    if (!clean) return refuse(Refusal::invalid, "recovery.note_malformed");
    return {};
}

void end_refused(
    store::Tx& tx,
    const Moment& moment,
    RecoveryCase& recovery,
    const std::string& reason,
    const audit::Actor& actor
) {
    if (recovery.ticket) authn::revoke_all_tickets(tx, moment, recovery.account, actor);
    recovery.state = RecoveryState::refused;
    recovery.decided_by = actor.who.account;
    recovery.decided_at = moment.now;
    recovery.decision_reason = reason;
    write_recovery(tx, recovery);
    auto event = event_about(actor, "recovery.denied", "deny", recovery);
    event.fields.push_back({.name = "why", .value = reason});
    audit::append(tx, moment, event);
    authn::notify(tx, moment, recovery.account, NoticeKind::recovery_refused, "");
}

// Three persons, none of whom holds another's factors.
Result<void> check_three_people(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const RecoveryCase& recovery,
    const Account& holder,
    const Account& approver
) {
    if (holder.person == approver.person) {
        return refuse(Refusal::denied, "recovery.own_account");
    }
    if (!recovery.opened_by) return {};
    const auto agent = directory::find_account(tx, *recovery.opened_by);
    if (!agent) throw Fault("the agent of a recovery has no account");
    if (agent->person == approver.person) return refuse(Refusal::denied, "recovery.own_case");
    if (factors_in_one_hand(tx, agent->id, approver.id, moment.now - policy.separation)) {
        return refuse(Refusal::denied, "recovery.factor_issuer");
    }
    return {};
}

// The administrative override that it is: who let whom past their factors, on whose word (S1-11).
void append_override(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& approver,
    const RecoveryCase& recovery,
    Time until
) {
    auto event = event_about(approver, "override.admin", "recover", recovery);
    event.fields.push_back({.name = "until", .value = sallyport::to_text(until)});
    event.fields.push_back({.name = "approver", .value = approver.who.account.value().text()});
    event.fields.push_back({.name = "why", .value = "caller verified: " + words(recovery.checks)});
    audit::append(tx, moment, event);
}

}  // namespace

Result<OpenedRecovery> open_recovery(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const keys::KeyRing& keys,
    const policy::Permit& permit,
    const RecoveryRequest& wanted,
    const audit::Actor& actor
) {
    SP_TRY(const auto agent, acting_account(tx, policy, permit, Permission::recovery_open, actor));
    SP_CHECK(check_request(wanted));
    const auto holder = directory::find_account(tx, wanted.account);
    if (!holder) return refuse(Refusal::not_found, "user.unknown");
    if (holder->person == agent.person) {
        append_denied(tx, moment, actor, "account:" + holder->id.text(), "recovery.own_account");
        return refuse(Refusal::denied, "recovery.own_account");
    }
    if (!reaches(agent, holder->scope)) return refuse(Refusal::denied, "user.other_scope");
    SP_CHECK(authn::check_recoverable(tx, holder->id));
    SP_CHECK(require_none_running(tx, moment, holder->id));

    auto code = authn::fresh_agent_code(keys, holder->id);
    RecoveryCase recovery{
        .id = RecoveryId::fresh(moment.now, moment.random),
        .account = holder->id,
        .origin = RecoveryOrigin::help_desk,
        .checks = wanted.checks,
        .note = wanted.note,
        .opened_by = agent.id,
        .opened_at = moment.now,
        .ends_at = moment.now + recovery_open_max,
        .state = RecoveryState::open,
        .decided_by = std::nullopt,
        .decided_at = std::nullopt,
        .decision_reason = {},
        .ticket = std::nullopt,
    };
    insert_recovery(tx, recovery, code.mac);
    auto event = event_about(actor, "recovery.requested", "request", recovery);
    event.fields.push_back({.name = "checks", .value = words(recovery.checks)});
    event.fields.push_back({.name = "note", .value = recovery.note});
    event.fields.push_back({.name = "until", .value = sallyport::to_text(recovery.ends_at)});
    audit::append(tx, moment, event);
    authn::notify(tx, moment, holder->id, NoticeKind::recovery_asked, agent.login_name.text());
    return OpenedRecovery{.recovery = std::move(recovery), .agent_code = std::move(code.code)};
}

Result<ApprovedRecovery> approve_recovery(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const keys::KeyRing& keys,
    const policy::Permit& permit,
    const RecoveryId& id,
    const audit::Actor& actor
) {
    SP_TRY(
        const auto approver, acting_account(tx, policy, permit, Permission::recovery_approve, actor)
    );
    auto recovery = find_recovery(tx, id);
    if (!recovery) return refuse(Refusal::not_found, "recovery.unknown");
    const auto holder = directory::find_account(tx, recovery->account);
    if (!holder) throw Fault("a recovery is of no account");
    if (!reaches(approver, holder->scope)) return refuse(Refusal::denied, "user.other_scope");
    if (const auto apart = check_three_people(tx, moment, policy, *recovery, *holder, approver);
        !apart) {
        append_denied(tx, moment, actor, "recovery:" + id.text(), apart.error().reason);
        return std::unexpected(apart.error());
    }
    if (recovery->state != RecoveryState::open) {
        return refuse(Refusal::conflict, "recovery.not_open");
    }
    if (is_over(tx, moment, *recovery)) return refuse(Refusal::expired, "recovery.over");

    ApprovedRecovery approved{
        .recovery = *recovery, .ticket_ends_at = moment.now, .code = std::nullopt
    };
    if (recovery->ticket) {
        SP_TRY(const auto released, authn::release_ticket(tx, moment, *recovery->ticket));
        approved.ticket_ends_at = released.ends_at;
    } else {
        const auto agent_mac = agent_mac_of(tx, id).value();
        SP_TRY(
            auto issued,
            authn::issue_recovery_ticket(tx, moment, keys, recovery->account, agent_mac, actor)
        );
        approved.recovery.ticket = issued.ticket.id;
        approved.ticket_ends_at = issued.ticket.ends_at;
        approved.code.emplace(std::move(issued.code));
        note_factor_custody(
            tx, holder->id, recovery->opened_by.value(), FactorCustody::factor_reset, moment
        );
    }
    note_factor_custody(tx, holder->id, approver.id, FactorCustody::factor_reset, moment);
    approved.recovery.state = RecoveryState::approved;
    approved.recovery.decided_by = approver.id;
    approved.recovery.decided_at = moment.now;
    write_recovery(tx, approved.recovery);
    audit::append(
        tx, moment, event_about(actor, "recovery.approved", "approve", approved.recovery)
    );
    append_override(tx, moment, actor, approved.recovery, approved.ticket_ends_at);
    authn::notify(
        tx, moment, holder->id, NoticeKind::recovery_approved, approver.login_name.text()
    );
    return approved;
}

Result<RecoveryCase> refuse_recovery(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const RecoveryId& id,
    const std::string& reason,
    const audit::Actor& actor
) {
    SP_TRY(
        const auto decider, acting_account(tx, policy, permit, Permission::recovery_approve, actor)
    );
    if (!directory::is_clean_text(reason, 1, recovery_text_max)) {
        return refuse(Refusal::invalid, "recovery.reason_malformed");
    }
    auto recovery = find_recovery(tx, id);
    if (!recovery) return refuse(Refusal::not_found, "recovery.unknown");
    const auto holder = directory::find_account(tx, recovery->account);
    if (!holder) throw Fault("a recovery is of no account");
    if (!reaches(decider, holder->scope)) return refuse(Refusal::denied, "user.other_scope");
    if (is_over(tx, moment, *recovery)) return refuse(Refusal::conflict, "recovery.not_open");
    end_refused(tx, moment, *recovery, reason, actor);
    return *std::move(recovery);
}

bool refuse_own_recovery(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& holder
) {
    auto recovery = running_recovery(tx, account);
    if (!recovery || is_over(tx, moment, *recovery)) return false;
    end_refused(tx, moment, *recovery, "its holder says that they did not ask for it", holder);
    return true;
}

void complete_recovery(store::Tx& tx, const Moment& moment, const TicketId& ticket) {
    auto recovery = recovery_of_ticket(tx, ticket);
    if (!recovery) return;
    recovery->state = RecoveryState::completed;
    write_recovery(tx, *recovery);
    authn::notify(tx, moment, recovery->account, NoticeKind::recovery_completed, "");
}

std::size_t sweep_recoveries(store::Tx& tx, const Moment& moment) {
    auto over = recoveries_over(tx, moment.now, sweep_max);
    for (auto& each : over) {
        lapse(tx, moment, std::move(each));
    }
    return over.size();
}

}  // namespace sallyport::governance
