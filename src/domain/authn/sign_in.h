#pragma once
// The sign-in flow. Its shape is the same for everybody, existing or not:
//
//   first form    identifier and passphrase
//                   1. begin()            write transaction: throttle, flow row, what to hash
//                   against
//                   2. answer()           hash pool, no transaction (context.h)
//                   3. record()           write transaction: outcome
//   second form   six digits, or a recovery code (key_rebinding.h where the role asks for a key)
//                   4. submit_code()      write transaction, together with session::open
//
// Unless the passphrase was right and the account needs one factor (its role asks for no more, and
// it has none of its own accord: S0-25), the second form always follows the first: also after a
// wrong passphrase, for unknown names and for closed accounts. The "no" comes at the end, with one
// reason for all ("authn.refused"), and ends the flow. So a stranger learns neither whether a name
// exists nor whether a stolen passphrase is right without holding the second factor too; and
// whoever tries passphrases pays for each with a code to fill in. The truth is in the audit log,
// one record per failure (S0-64), written when it becomes known.
//
// An attempt is counted against the throttles when it begins and taken back when it turns out
// right, so that parallel guesses can't all pass before the first has failed.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authentication_proof.h"
#include "domain/authn/certificate/card_presentation.h"
#include "domain/authn/context.h"
#include "domain/authn/offered_keys.h"
#include "domain/authn/security_key.h"
#include "domain/authn/sign_in_flow.h"
#include "domain/authn/throttle.h"
#include "domain/directory/account.h"
#include "domain/policy/policy.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

inline constexpr std::chrono::minutes sign_in_max{10};  // from first form to last

class SignIn {
public:
    // `context` must outlive it.
    explicit SignIn(const Context& context) : context_(context) {}

    struct Begun {
        crypto::Secret token;  // 32 bytes; the edge keeps base64url of it in a flow cookie
        PassphraseQuestion question;
    };

    // What the first form is given, but the passphrase.
    struct Typed {
        std::string_view identifier;  // any text; what is not a login name is an unknown person
        // Of a recovery code, which is not used up: it shows that its holder is there, so that they
        // can try although others have failed at their name.
        std::string_view recovery_code = {};
    };

    // Step 1. Refuses throttled "authn.throttled" (authn.throttled is written), denied
    // "clock.behind".
    [[nodiscard]] Result<Begun> begin(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        const Typed& typed,
        const audit::Where& where
    ) const;

    struct Next {
        // The role needs one factor and it was right: open the session, or have a compromised
        // passphrase changed (compromised_passphrase.h). Else the second form.
        std::optional<AuthenticationProof> proof;
        // With a proof: the policy asks everybody for two factors by now, and the account has but
        // one. It opens no session: have the second bound (second_factor_due.h).
        bool second_factor_due = false;
        // Set when the passphrase was right and its verifier is outdated; see PassphraseAnswer.
        std::optional<AuthenticatorId> upgrade;
    };

    // Step 3. Refuses expired "authn.flow_over" (too late, unknown, used).
    [[nodiscard]] Result<Next> record(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView token,
        const PassphraseAnswer& answer,
        const audit::Where& where
    ) const;

    // Exactly one of the two.
    struct Admitted {
        std::optional<AuthenticationProof> proof;
        // A recovery code was right, and the role or the circumstances ask for a key: the token of
        // a key_rebinding.h.
        std::optional<crypto::Secret> rebinding;
    };

    // Step 4. Takes six digits or a recovery code. Ends the flow either way. Refuses
    // unauthenticated "authn.refused", throttled "authn.throttled", expired "authn.flow_over",
    // denied "authn.too_weak"; with a recovery code, which is not used up then, "context.denied".
    [[nodiscard]] Result<Admitted> submit_code(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView token,
        std::string_view code,
        const audit::Where& where
    ) const;

    // What the second form asks a browser's keys. Every name is offered as many, of which only its
    // holder's keys know which are theirs (offered_keys.h). Refuses expired "authn.flow_over".
    struct KeyOffer {
        Bytes challenge;
        std::vector<CredentialDescriptor> credentials;
    };

    [[nodiscard]] Result<KeyOffer> offer_key(store::Tx& tx, const Moment& moment, BytesView token)
        const;

    // Step 4 with a security key or passkey. Refuses what submit_code() refuses for digits.
    [[nodiscard]] Result<AuthenticationProof> submit_key(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView token,
        const KeyAnswer& answer,
        const audit::Where& where
    ) const;

    // Step 4 with a smart card: asked for here, shown on the card host (card_presentation.h), and
    // brought back by the flow's own browser. Every flow may ask. Refuse what ask_for_card() and
    // take_card() do, and what submit_code() refuses.
    [[nodiscard]] Result<CardAsked> ask_card(
        store::Tx& tx,
        const Moment& moment,
        BytesView token,
        std::string next,
        const audit::Actor& actor
    ) const;
    [[nodiscard]] Result<AuthenticationProof> submit_card(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView token,
        const CardAnswer& answer,
        const audit::Where& where
    ) const;

    // Replaces an outdated verifier by one of the same passphrase at the cost in force (S0-42).
    // Nothing happens if it was changed in the meantime.
    void upgrade_verifier(
        store::Tx& tx,
        const AuthenticatorId& passphrase,
        const std::string& old_verifier,
        const std::string& new_verifier
    ) const;

private:
    struct Second {
        policy::Strength strength;
        audit::Factor factor;
    };

    struct SecondForm {
        ThrottleKind kind;
        std::function<Result<Second>(const directory::Account&)> accept;
        std::function<void()> look_in_vain;
        bool by_source_alone = false;  // counted against no name
    };

    // Both factors were right; and what they were counted against.
    struct Right {
        directory::Account account;
        Flow flow;
        Second second;
        ThrottleSubject first;
        ThrottleSubject subject;
        ThrottleSubject own;
    };

    [[nodiscard]] Result<Right> second_form(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView token,
        const SecondForm& form,
        const audit::Where& where
    ) const;
    [[nodiscard]] Result<AuthenticationProof> admit(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        const SecondForm& form,
        const Right& right,
        const audit::Where& where
    ) const;
    [[nodiscard]] Result<Admitted> submit_recovery_code(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView token,
        std::string_view typed,
        const audit::Where& where
    ) const;
    void settle_all(store::Tx& tx, const Moment& moment, const SecondForm& form, const Right& right)
        const;

    const Context& context_;
};

// What was written by a clock that was ahead: flows, codes and tickets would be good until that
// time came, blocks would last until then, and no code of an app would be taken before. Flows and
// codes end, tickets of that time are revoked, blocks keep their length, and codes count from now.
void bring_back_times(store::Tx& tx, const Moment& moment);

// Forgets flows that are over and throttles that have run down. For a job, every few minutes.
void sweep(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::authn
