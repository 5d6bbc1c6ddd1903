#include "edge/api/pages/urgent_notes.h"

#include "domain/authn/means_to_sign_in.h"
#include "domain/directory/account.h"

namespace sallyport::api {

Html second_authenticator_note(
    store::Tx& tx, const policy::Policy& policy, const session::Session& session, Time now
) {
    const auto account = directory::find_account(tx, session.account);
    if (!account) return {};
    const auto demanded = authn::demanded_of(tx, policy, *account, now);
    const auto bound = authn::list_authenticators(tx, account->id);
    if (!authn::lacks_second_authenticator(bound, demanded, now)) return {};
    return Html(
        "<p class=\"note\" id=\"second-authenticator\">You sign in with one thing only. If you "
        "lose "
        "it, a recovery code or the help desk is the way back. <a href=\"/security\">Add a second "
        "one</a>, and keep it elsewhere.</p>"
    );
}

Html only_administrator_note(
    store::Tx& tx, const policy::Policy& policy, const session::Session& session
) {
    const auto* const role = policy.role(session.role);
    const bool administers =
        role != nullptr &&
        role->permissions.test(static_cast<std::size_t>(policy::Permission::user_manage));
    // One role of each scope does (policy/role_set.h). Somebody invited is not there yet.
    if (!administers || directory::active_accounts(tx, session.role, 2).size() > 1) return {};
    return Html(
        "<p class=\"note\" id=\"only-administrator\">You are the only administrator. If you lose "
        "your authenticator and your recovery codes, the way back takes a day at the server's "
        "host: <a "
        "href=\"/users\">add a second administrator</a> now.</p>"
    );
}

}  // namespace sallyport::api
