#include "domain/governance/push_alarm.h"

#include "domain/authn/person_notice.h"
#include "domain/authn/push/push_attempt.h"
#include "domain/directory/account.h"
#include "domain/governance/alert.h"

namespace sallyport::governance {

using authn::NoticeKind;
using authn::PushAlertKind;

void raise_push_alerts(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const std::vector<authn::PushAlert>& alerts
) {
    for (const auto& each : alerts) {
        const auto holder = directory::find_account(tx, each.account);
        const bool reported = each.kind == PushAlertKind::reported;
        const auto object = "account:" + each.account.text();
        const Alert alert{
            .rule = reported ? "push.reported" : "push.bombing",
            .severity = "high",
            .object = object,
            .whose_task = policy::Permission::incident_close,
            .besides = each.account,
            .scope = holder ? std::optional(holder->scope) : std::nullopt,
            .notice = reported ? NoticeKind::push_reported : NoticeKind::push_bombing,
            .subject = each.login_name,
        };
        raise_alert(tx, moment, policy, alert);
    }
}

void end_overdue_pushes(
    store::Database& database, const Moment& moment, const policy::Policy& policy
) {
    const bool overdue =
        database.read([&](store::Tx& tx) { return authn::is_push_overdue(tx, moment.now); });
    if (!overdue) return;
    database.write([&](store::Tx& tx) {
        raise_push_alerts(tx, moment, policy, authn::end_overdue_pushes(tx, moment));
    });
}

}  // namespace sallyport::governance
