#include "domain/governance/notice.h"

#include "domain/audit/log.h"
#include "domain/policy/policy.h"

namespace sallyport::governance {

Result<void> accept_notice(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const std::string& version,
    const audit::Actor& actor
) {
    if (actor.who.account != account) return refuse(Refusal::denied, "notice.other_account");
    if (policy::policy_in_force(tx)->notice_version != version) {
        return refuse(Refusal::conflict, "notice.other_version");
    }
    const auto noted = tx.execute(
        "INSERT INTO notice_acceptance (account_id, version, accepted_at) VALUES (?, ?, ?) "
        "ON CONFLICT (account_id, version) DO NOTHING",
        {store::value(account), version, store::value(moment.now)}
    );
    if (noted == 0) return {};

    auto event = audit::event_by(actor, "notice.accepted", "accept", "notice:" + version);
    event.fields.push_back({"version", version});
    audit::append(tx, moment, event);
    return {};
}

bool notice_accepted(store::Tx& tx, const AccountId& account, const std::string& version) {
    return !tx.query(
                  "SELECT 1 FROM notice_acceptance WHERE account_id = ? AND version = ?",
                  {store::value(account), version}
    )
                .empty();
}

}  // namespace sallyport::governance
