#include "domain/governance/recovery_host.h"

#include "domain/audit/log.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/recovery_ticket.h"
#include "domain/governance/alert.h"
#include "domain/governance/recovery_steps.h"
#include "domain/governance/recovery_store.h"

#include <utility>

namespace sallyport::governance {

namespace {

using policy::Permission;

void append_requested(
    store::Tx& tx, const Moment& moment, const RecoveryCase& recovery, const audit::HostCommand& by
) {
    auto event =
        audit::event_by(by, "recovery.requested", "request", "account:" + recovery.account.text());
    event.fields.push_back({.name = "recovery_id", .value = recovery.id.text()});
    event.fields.push_back({.name = "origin", .value = std::string(to_text(recovery.origin))});
    event.fields.push_back({.name = "until", .value = sallyport::to_text(recovery.ends_at)});
    audit::append(tx, moment, event);
}

}  // namespace

Result<HostRecovery> open_host_recovery(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const keys::KeyRing& keys,
    const directory::LoginName& administrator,
    const audit::HostCommand& by
) {
    const auto holder = directory::find_account(tx, administrator);
    if (!holder) return refuse(Refusal::not_found, "user.unknown");
    const auto* const role = policy.role(holder->role);
    const bool administers =
        role != nullptr &&
        role->permissions.test(static_cast<std::size_t>(Permission::user_manage));
    if (!administers) return refuse(Refusal::conflict, "recovery.not_administrator");
    SP_CHECK(authn::check_recoverable(tx, holder->id));
    SP_CHECK(require_none_running(tx, moment, holder->id));

    const auto starts_at = moment.now + host_recovery_wait;
    const auto host = audit::system_actor("operator");
    SP_TRY(auto issued, authn::issue_waiting_ticket(tx, moment, keys, holder->id, starts_at, host));
    RecoveryCase recovery{
        .id = RecoveryId::fresh(moment.now, moment.random),
        .account = holder->id,
        .origin = RecoveryOrigin::host,
        .checks = {},
        .note = by.reason.substr(0, recovery_text_max),
        .opened_by = std::nullopt,
        .opened_at = moment.now,
        .ends_at = starts_at,
        .state = RecoveryState::open,
        .decided_by = std::nullopt,
        .decided_at = std::nullopt,
        .decision_reason = {},
        .ticket = issued.ticket.id,
    };
    insert_recovery(tx, recovery, std::nullopt);
    append_requested(tx, moment, recovery, by);
    authn::notify(
        tx, moment, holder->id, authn::NoticeKind::recovery_asked, "at the server's host"
    );
    const Alert alert{
        .rule = "recovery.host",
        .severity = "critical",
        .object = "account:" + holder->id.text(),
        .whose_task = Permission::recovery_approve,
        .besides = holder->id,
        .scope = holder->scope,
        .notice = authn::NoticeKind::recovery_alarm,
        .subject = holder->login_name.text(),
    };
    const auto told = raise_alert(tx, moment, policy, alert);
    return HostRecovery{
        .recovery = std::move(recovery),
        .code = std::move(issued.code),
        .ticket_starts_at = issued.ticket.starts_at,
        .ticket_ends_at = issued.ticket.ends_at,
        .people_told = told,
    };
}

}  // namespace sallyport::governance
