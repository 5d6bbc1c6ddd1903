#pragma once
// What a person does with their own authenticators while signed in. Whose they are is checked here;
// session, permission and step-up are the caller's. Each change leaves its event and a notice to
// the person, who learns so if it was not them.
//
// All refuse not_found "authenticator.unknown" for one that is somebody else's.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authenticator.h"
#include "domain/authn/context.h"
#include "domain/authn/issued_authenticator.h"
#include "domain/policy/policy.h"

#include <string_view>
#include <vector>

namespace sallyport::authn {

class OwnAuthenticators {
public:
    // `context` must outlive it.
    explicit OwnAuthenticators(const Context& context) : context_(context) {}

    struct NewTotp {
        AuthenticatorId id;
        crypto::Secret uri;   // otpauth://…
        crypto::Secret text;  // base32 in groups of four
        crypto::Secret svg;   // the QR of uri
    };

    // A further authenticator app: made and shown, and worth nothing until confirm_totp(). One that
    // waits for that is forgotten for the new one. Refuses invalid "authenticator.label_malformed",
    // conflict "authenticator.too_many", "identity.not_proofed", not_found "account.unknown".
    [[nodiscard]] Result<NewTotp> add_totp(
        store::Tx& tx,
        const Moment& moment,
        const AccountId& account,
        std::string_view label,
        const audit::Actor& actor
    ) const;
    // With the code that the app shows. Refuses conflict "authenticator.not_issued", expired
    // "authenticator.issue_over", throttled "authn.throttled", unauthenticated "totp.wrong",
    // "totp.malformed". Writes cred.bound.
    [[nodiscard]] Result<void> confirm_totp(
        store::Tx& tx,
        const Moment& moment,
        const AccountId& account,
        const AuthenticatorId& id,
        std::string_view code,
        const audit::Actor& actor
    ) const;

    // authenticator.h's functions, for one's own. Suspending and revoking refuse conflict
    // "authenticator.last" for what the role's sign-in can't do without: after a suspension,
    // recovery codes are enough to get in. Revoking refuses conflict
    // "authenticator.needs_passphrase" for one of the last two keys of whoever signs in without a
    // passphrase; mislaid, it can be suspended. Resuming refuses conflict "badge.pin_blocked", and
    // denied "authenticator.suspended_by_administrator": whoever was told that it is lost has to
    // hear that it was found.
    [[nodiscard]] Result<void> rename(
        store::Tx& tx,
        const Moment& moment,
        const AccountId& account,
        const AuthenticatorId& id,
        std::string_view label,
        const audit::Actor& actor
    ) const;
    [[nodiscard]] Result<void> suspend(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        const AccountId& account,
        const AuthenticatorId& id,
        const audit::Actor& actor
    ) const;
    [[nodiscard]] Result<void> resume(
        store::Tx& tx,
        const Moment& moment,
        const AccountId& account,
        const AuthenticatorId& id,
        const audit::Actor& actor
    ) const;
    [[nodiscard]] Result<void> revoke(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        const AccountId& account,
        const AuthenticatorId& id,
        const audit::Actor& actor
    ) const;

    // Ten fresh ones; the earlier are worth nothing from now on.
    [[nodiscard]] std::vector<crypto::Secret> renew_recovery_codes(
        store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& actor
    ) const;

private:
    const Context& context_;
};

// Forgets what was made and never proven. For a job.
void sweep_issued(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::authn
