#pragma once
// Step-up: whoever is signed in shows a factor again before something that matters (S0-37). What
// must be shown follows what the account is asked for at sign-in: its second factor, or the
// passphrase where it has only that.
//
//   with a code            finish()
//   with a passphrase      begin_passphrase(), answer() on the hash pool, finish()
//   with a security key    offer_key(), finish()
//   with a smart card      ask_card(), the card host, take_card(), finish()
//   with a phone           PushStepUp (push/push_step_up.h), finish()
//
// Then session::renew_proof in the same transaction as finish().

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authentication_proof.h"
#include "domain/authn/certificate/card_presentation.h"
#include "domain/authn/context.h"
#include "domain/authn/push/push_step_up.h"
#include "domain/authn/security_key.h"
#include "domain/authn/security_key_store.h"
#include "domain/policy/policy.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

class StepUp {
public:
    // `context` must outlive it.
    explicit StepUp(const Context& context) : context_(context) {}

    // What to hash against, for step-up with a passphrase. Refuses throttled "authn.throttled".
    [[nodiscard]] Result<PassphraseQuestion> begin_passphrase(
        store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& actor
    ) const;

    // What the browser's keys are asked: those of the account. The answer comes in the same
    // session.
    struct KeyOffer {
        Bytes challenge;
        std::vector<CredentialDescriptor> credentials;
        bool user_verification;  // finish() will not do without it (holder_verification.h)
    };

    // `signed_in_amr`: what the session's level stands on (session.h).
    [[nodiscard]] KeyOffer offer_key(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        const AccountId& account,
        const SessionId& session,
        std::string_view signed_in_amr
    ) const;

    // The same for what idleness locked: the answer opens that session again, and nothing else.
    [[nodiscard]] KeyOffer offer_key_to_unlock(
        store::Tx& tx, const Moment& moment, const AccountId& account, const SessionId& locked
    ) const;

    // The card comes back in the same session. Refuses what ask_for_card() does.
    [[nodiscard]] Result<CardAsked> ask_card(
        store::Tx& tx,
        const Moment& moment,
        const SessionId& session,
        std::string next,
        const audit::Actor& actor
    ) const;
    // For Shown::card. Refuses what take_card() does.
    [[nodiscard]] Result<TakenCard> take_card(
        store::Tx& tx,
        const Moment& moment,
        const SessionId& session,
        const CardAnswer& answer,
        const audit::Where& where
    ) const;

    struct Shown {
        std::optional<PassphraseAnswer> passphrase;
        std::string code;  // six digits; may be empty if the account has one factor
        // Good for every role; the actor's session asked for it.
        std::optional<KeyAnswer> key = std::nullopt;
        std::optional<PresentedCard> card = std::nullopt;  // likewise
        std::optional<PushApproval> phone = std::nullopt;  // in the place of a code
    };

    // Refuses unauthenticated "step_up.refused", throttled "authn.throttled", denied
    // "account.not_active". Writes stepup.success or stepup.failure. `signed_in_amr` as above.
    [[nodiscard]] Result<AuthenticationProof> finish(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        const AccountId& account,
        const Shown& shown,
        const audit::Actor& actor,
        std::string_view signed_in_amr
    ) const;

    // One factor that opens again what idleness locked (session/unlock.h), whatever the role asks
    // for at sign-in: the passphrase, or a key that checked who holds it, asked by
    // offer_key_to_unlock(). `actor` is in the locked session. Refuses what finish() does, and
    // writes stepup.failure; success is told by session::unlock.
    [[nodiscard]] Result<AuthenticationProof> finish_unlock(
        store::Tx& tx,
        const Moment& moment,
        const AccountId& account,
        const Shown& shown,
        const audit::Actor& actor
    ) const;

private:
    const Context& context_;
};

}  // namespace sallyport::authn
