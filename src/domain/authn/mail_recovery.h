#pragma once
// Whoever forgot their passphrase recovers alone, by a code to their mail address (S0-27; SP
// 800-63B-4 §4.2). For roles whose policy says so: patients, and nobody of the workforce.
//
//   ask()      anybody, with any name; says the same to all
//   (a job sends the mail: edge/export/mail)
//   redeem()   the code takes the passphrase's place as the first factor, once
//   then       where the account or its role has a second factor: the second form of the sign-in
//              (sign_in.h), as always; so who reads somebody's mail gets no further (S0-51)
//   then       PassphraseChange (compromised_passphrase.h): a new passphrase, and nothing else
//
// Mail opens no session: the old passphrase is marked as forgotten, and until another is set in its
// place session::open refuses the account.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authentication_proof.h"
#include "domain/authn/context.h"
#include "domain/policy/policy.h"

#include <chrono>
#include <cstdint>
#include <string_view>
#include <variant>

namespace sallyport::authn {

// Longer than mail usually takes where servers put each other off, far below the 24 h of §4.2.
inline constexpr std::chrono::hours mailed_code_life{4};
// Of one account at a time, so that nobody's mail is flooded. (Asking is also counted against its
// source.)
inline constexpr std::int64_t mailed_codes_max = 3;

class MailRecovery {
public:
    // `context` must outlive it.
    explicit MailRecovery(const Context& context) : context_(context) {}

    // Whether a mail goes out is in the log alone: for a name that nobody has, a role or an account
    // that is not recovered so, one without an address or with one that rests, none does. Refuses
    // throttled "authn.throttled", denied "clock.behind". Writes recovery.requested.
    [[nodiscard]] Result<void> ask(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        std::string_view identifier,
        const audit::Where& where
    ) const;

    // A sign-in that is at its second form: 32 bytes, as SignIn::begin() gives.
    struct SecondForm {
        crypto::Secret token;
    };

    // The code, as it was typed. A proof where there is no second factor: good for a new passphrase
    // only. Refuses denied "ticket.refused" (unknown, used, over; the log knows which), throttled
    // "authn.throttled", denied "clock.behind". Writes ticket.redeemed or ticket.refused.
    [[nodiscard]] Result<std::variant<SecondForm, AuthenticationProof>> redeem(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        std::string_view code,
        const audit::Where& where
    ) const;

private:
    const Context& context_;
};

// Forgets codes that are over. For a job.
void sweep_mailed_codes(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::authn
