#include "domain/governance/authenticator_admin.h"

#include "domain/authn/badge/own_badges.h"
#include "domain/authn/person_notice.h"
#include "domain/governance/user_admin.h"
#include "domain/session/session.h"

#include <utility>

namespace sallyport::governance {

namespace {

using authn::Authenticator;
using authn::AuthenticatorState;
using authn::NoticeKind;

// Told to its holder, and read again.
AuthenticatorChange told(
    store::Tx& tx,
    const Moment& moment,
    const Authenticator& before,
    NoticeKind kind,
    std::vector<SessionId> sessions_ended = {}
) {
    authn::notify(tx, moment, before.account, kind, before.label);
    return {
        .authenticator = authn::find_authenticator(tx, before.id).value(),
        .sessions_ended = std::move(sessions_ended),
    };
}

}  // namespace

Result<Authenticator> AuthenticatorAdmin::find(store::Tx& tx, const WhoseAuthenticator& whose)
    const {
    SP_TRY(const auto account, administrable_account(tx, policy_, permit_, whose.account, actor_));
    if (account.state == directory::AccountState::tombstoned) {
        return refuse(Refusal::conflict, "user.deleted");
    }
    auto found = authn::find_authenticator(tx, whose.id);
    if (!found || found->account != account.id) {
        return refuse(Refusal::not_found, "authenticator.unknown");
    }
    return *std::move(found);
}

Result<AuthenticatorChange> AuthenticatorAdmin::suspend(
    store::Tx& tx, const Moment& moment, const WhoseAuthenticator& whose
) const {
    SP_TRY(const auto found, find(tx, whose));
    SP_CHECK(authn::suspend_authenticator(tx, moment, found.id, actor_, permit_.account()));
    auto ended = session::end_all(tx, moment, found.account, session::EndCause::revocation, actor_);
    return told(tx, moment, found, NoticeKind::authenticator_suspended, std::move(ended));
}

Result<AuthenticatorChange> AuthenticatorAdmin::resume(
    store::Tx& tx, const Moment& moment, const WhoseAuthenticator& whose
) const {
    SP_TRY(const auto found, find(tx, whose));
    if (found.state == AuthenticatorState::suspended && !found.suspended_by) {
        return refuse(Refusal::conflict, "authenticator.suspended_by_holder");
    }
    SP_CHECK(authn::check_badge_resumable(tx, found.id));
    SP_CHECK(authn::resume_authenticator(tx, moment, found.id, actor_));
    const auto now = authn::find_authenticator(tx, found.id);
    const bool works = now && now->state == AuthenticatorState::active;
    const auto kind = works ? NoticeKind::authenticator_resumed
                            : NoticeKind::authenticator_suspended;  // by its holder, as before
    return told(tx, moment, found, kind);
}

Result<AuthenticatorChange> AuthenticatorAdmin::revoke(
    store::Tx& tx, const Moment& moment, const WhoseAuthenticator& whose, authn::RevokeCause cause
) const {
    SP_TRY(const auto found, find(tx, whose));
    SP_CHECK(authn::revoke_authenticator(tx, moment, found.id, cause, actor_));
    // Whatever stands on it ends with it: which session that was can't be told from those that it
    // helped.
    auto ended = session::end_all(tx, moment, found.account, session::EndCause::revocation, actor_);
    return told(tx, moment, found, NoticeKind::authenticator_revoked, std::move(ended));
}

Result<AuthenticatorChange> AuthenticatorAdmin::set_expiry(
    store::Tx& tx,
    const Moment& moment,
    const WhoseAuthenticator& whose,
    std::optional<Time> expires_at
) const {
    SP_TRY(const auto found, find(tx, whose));
    SP_CHECK(authn::set_expiry(tx, moment, found.id, expires_at, actor_));
    return told(tx, moment, found, NoticeKind::authenticator_expiry_changed);
}

}  // namespace sallyport::governance
