#pragma once
// What an administrator does with somebody else's authenticator. A nurse phones in: her badge is
// mislaid. It is suspended for her, and taken up again once it was found; what is lost is revoked.
//
// Who suspended lifts: what an administrator suspended only an administrator takes up again, since
// whoever has the thing may be at its holder's session too; and what its holder suspended is the
// holder's. Nobody does any of this to their own person: their own page is for that.
//
// Unlike its holder (own_authenticators.h), an administrator is not kept from taking the last way
// in: what is in somebody else's hands is shut at once, whatever else there is. Whether the person
// can still sign in is told (authn::can_sign_in); the way back is the lifting, or a recovery.
//
// Each change is written with its event and told to the holder. All refuse what
// administrable_account() refuses (user_admin.h), conflict "user.deleted", and not_found
// "authenticator.unknown" for one that isn't the account's.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authenticator.h"
#include "domain/policy/permit.h"
#include "domain/policy/policy.h"

#include <optional>
#include <vector>

namespace sallyport::governance {

// Somebody's authenticator, as it was asked for.
struct WhoseAuthenticator {
    AccountId account;
    AuthenticatorId id;
};

struct AuthenticatorChange {
    authn::Authenticator authenticator;  // after the change
    // Ended in the store already; the caller's caches must forget them and cut what hangs on them.
    std::vector<SessionId> sessions_ended;
};

class AuthenticatorAdmin {
public:
    // All three must outlive it. `permit` is for user_manage.
    AuthenticatorAdmin(
        const policy::Policy& policy, const policy::Permit& permit, const audit::Actor& actor
    )
        : policy_(policy), permit_(permit), actor_(actor) {}

    // The account's sessions end: which of them the mislaid thing opened can't be told. What its
    // holder suspended is the administrator's from then on. Refuses what suspend_authenticator()
    // refuses.
    [[nodiscard]] Result<AuthenticatorChange> suspend(
        store::Tx& tx, const Moment& moment, const WhoseAuthenticator& whose
    ) const;
    // Refuses conflict "authenticator.suspended_by_holder", "badge.pin_blocked", and what
    // resume_authenticator() refuses.
    [[nodiscard]] Result<AuthenticatorChange> resume(
        store::Tx& tx, const Moment& moment, const WhoseAuthenticator& whose
    ) const;
    // For good; the account's sessions end. Refuses what revoke_authenticator() refuses.
    [[nodiscard]] Result<AuthenticatorChange> revoke(
        store::Tx& tx,
        const Moment& moment,
        const WhoseAuthenticator& whose,
        authn::RevokeCause cause
    ) const;
    // None: never. Refuses what set_expiry() refuses.
    [[nodiscard]] Result<AuthenticatorChange> set_expiry(
        store::Tx& tx,
        const Moment& moment,
        const WhoseAuthenticator& whose,
        std::optional<Time> expires_at
    ) const;

private:
    [[nodiscard]] Result<authn::Authenticator> find(store::Tx& tx, const WhoseAuthenticator& whose)
        const;

    const policy::Policy& policy_;
    const policy::Permit& permit_;
    const audit::Actor& actor_;
};

}  // namespace sallyport::governance
