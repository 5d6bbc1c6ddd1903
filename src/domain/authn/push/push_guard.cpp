#include "domain/authn/push/push_guard.h"

#include "domain/authn/authenticator.h"
#include "domain/authn/person_notice.h"

namespace sallyport::authn {

using store::value;

namespace {

constexpr std::string_view unapproved_states = "('wrong', 'denied', 'reported', 'unanswered')";

bool suspend_all(store::Tx& tx, const Moment& moment, const AccountId& account) {
    const auto guard = audit::system_actor("push-guard");
    bool any = false;
    for (const auto& each : list_authenticators(tx, account)) {
        if (each.kind != AuthenticatorKind::push || !each.usable(moment.now)) continue;
        if (!suspend_authenticator(tx, moment, each.id, guard)) continue;
        notify(tx, moment, account, NoticeKind::authenticator_suspended, each.label);
        any = true;
    }
    return any;
}

// The rows stay, as those of flows that asked nobody: their sign-in pages still wait for their end.
void begin_count_anew(store::Tx& tx, const AccountId& account) {
    tx.execute(
        "UPDATE push_attempt SET account_id = NULL, state = 'pending' "
        "WHERE account_id = ? AND state IN " +
            std::string(unapproved_states),
        {value(account)}
    );
}

}  // namespace

std::int64_t unapproved_pushes(store::Tx& tx, const AccountId& account, Time now) {
    return tx
        .query(
            "SELECT COUNT(*) FROM push_attempt WHERE account_id = ? AND asked_at > ? "
            "AND state IN " +
                std::string(unapproved_states),
            {value(account), value(now - push_window)}
        )
        .front()
        .integer(0);
}

std::optional<PushAlert> guard_phones(
    store::Tx& tx, const Moment& moment, const directory::Account& account
) {
    if (unapproved_pushes(tx, account.id, moment.now) < push_unapproved_max) return std::nullopt;
    if (!suspend_all(tx, moment, account.id)) return std::nullopt;
    begin_count_anew(tx, account.id);
    return PushAlert{
        .kind = PushAlertKind::bombing,
        .account = account.id,
        .login_name = account.login_name.text(),
    };
}

}  // namespace sallyport::authn
