#include "domain/governance/alert.h"

#include "domain/audit/log.h"
#include "domain/directory/account.h"
#include "domain/governance/user_admin.h"

namespace sallyport::governance {

std::size_t raise_alert(
    store::Tx& tx, const Moment& moment, const policy::Policy& policy, const Alert& alert
) {
    std::size_t told = 0;
    for (const auto& role : policy.roles) {
        if (!role.permissions.test(static_cast<std::size_t>(alert.whose_task))) continue;
        for (const auto& account : directory::active_accounts(tx, role.name, alerted_max)) {
            if (account.id == alert.besides) continue;
            if (alert.scope && !reaches(account, *alert.scope)) continue;
            authn::notify(tx, moment, account.id, alert.notice, alert.subject);
            ++told;
        }
    }
    auto event =
        audit::event_by(audit::system_actor("detection"), "detect.alert", "alert", alert.object);
    event.fields = {
        {.name = "rule", .value = std::string(alert.rule)},
        {.name = "severity", .value = std::string(alert.severity)},
        {.name = "people_told", .value = static_cast<std::int64_t>(told)},
    };
    audit::append(tx, moment, event);
    return told;
}

}  // namespace sallyport::governance
